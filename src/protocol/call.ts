/** Requests and notifications, told from responses. Reads messages and never changes one. */

/** A request (with an id) or a notification (without). */
export interface InboundCall {
  readonly method: string;
  readonly id?: string | number;
  readonly params?: unknown;
}

/** The message as a call, or `undefined` when it is a response or nothing known. */
export function callOf(message: unknown): InboundCall | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  return typeof (message as { method?: unknown }).method === 'string'
    ? (message as InboundCall)
    : undefined;
}

/** A string member of a call's params. */
export function stringParam(call: InboundCall, name: string): string | undefined {
  const { params } = call;
  if (typeof params !== 'object' || params === null) return undefined;
  const value = (params as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}
