/** Operating failures: typed, with a stable code. Messages are for people and free to change; codes are not. */

/** Every code there is. docs/errors.md says when each is thrown and what to do. */
export type ErrorCode =
  | 'APPEND_REJECTED'
  | 'ARGUMENT_INVALID'
  | 'CONNECTION_UNSUPPORTED'
  | 'EXPORT_FAILED'
  | 'FRONT_FAILED'
  | 'PACKAGE_MISSING'
  | 'PROPAGATION_BROKEN'
  | 'RECORD_INVALID'
  | 'ROOT_UNUSABLE'
  | 'RUN_AMBIGUOUS'
  | 'RUN_NOT_FOUND'
  | 'STREAM_CLOSED'
  | 'STREAM_POISONED'
  | 'STREAM_UNREADABLE';

export class ThroughlineError extends Error {
  override readonly name = 'ThroughlineError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
