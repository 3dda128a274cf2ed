/** How a command ended, as its run's terminal record says it. */
import type { JsonObject } from '../../wal/index.js';

/** `error`: it could not be started; `code` is then what a shell would exit with. */
export type CommandEnd =
  | { readonly code: number }
  | { readonly signal: string }
  | { readonly error: Error; readonly code: number };

/** What a run fails with whose command did; thrown inside the run and caught by `recordCommand`. */
class CommandFailed extends Error {
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

/** `undefined`: the command completed. `asked`: the signals that we were sent. */
export function failureOf(
  end: CommandEnd,
  asked: ReadonlySet<string>,
  isStarted: boolean,
): Error | undefined {
  if ('error' in end) {
    const { code } = end.error as { code?: unknown };
    return new CommandFailed('could not be started', typeof code === 'string' ? code : undefined);
  }
  if ('signal' in end) {
    const failure = new CommandFailed(
      isStarted ? `ended by ${end.signal}` : `not started: ${end.signal} came first`,
    );
    // The name that means "gave up": a signal that we were sent is how a command is asked to stop.
    if (asked.has(end.signal)) failure.name = 'AbortError';
    return failure;
  }
  return end.code === 0 ? undefined : new CommandFailed(`exited with ${String(end.code)}`);
}

/** The members of the terminal record: `exit_code` or `signal`. */
export function endFields(end: CommandEnd): JsonObject {
  return 'signal' in end ? { signal: end.signal } : { exit_code: end.code };
}
