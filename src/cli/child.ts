/**
 * A command as our child, and an end like its own. Standard streams are inherited and never looked at, unless the
 * caller asks for stderr. Knows nothing of ids and records.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { holdSignals, type HeldSignals } from './signals.js';
import { tell } from './tell.js';

const notFound = 127;
const notExecutable = 126;

export type End =
  | { readonly code: number }
  | { readonly signal: NodeJS.Signals }
  | { readonly error: NodeJS.ErrnoException; readonly file: string };

export interface ChildOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Held by the caller from before the start until after the end. Default: held while the child is there. */
  readonly signals?: HeldSignals;
  /** With `pipe` stderr is the caller's to read. Default `inherit`. */
  readonly stderr?: 'inherit' | 'pipe';
  /** Called in the tick in which the child was made, if it could be. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Starts the command and waits for its end. Never rejects. */
export function childEnd(options: ChildOptions): Promise<End> {
  const { file, args, env, stderr = 'inherit', onStart } = options;
  const signals = options.signals ?? holdSignals();
  return new Promise((settle) => {
    const end = (how: End): void => {
      if (options.signals === undefined) signals.release();
      settle(how);
    };
    try {
      const child = spawn(file, args, { stdio: ['inherit', 'inherit', stderr], env });
      child.once('error', (error) => {
        // The same event tells of a signal that could not be sent; only without a pid did nothing start.
        if (child.pid === undefined) end({ error, file });
      });
      child.once('exit', (code, signal) => {
        end(signal === null ? { code: code ?? 0 } : { signal });
      });
      signals.passTo(child);
      if (child.pid !== undefined) onStart?.(child);
    } catch (error) {
      // Node's permission model refuses synchronously.
      end({ error: error as NodeJS.ErrnoException, file });
    }
  });
}

/** Ends as the child did: returns its exit code, or dies of its signal. Says why nothing could be started. */
export function exitAs(end: End): number {
  if ('code' in end) return end.code;
  if ('error' in end) return explainStart(end.error, end.file);
  // Our parent must see what the child died of, as it would without us.
  process.kill(process.pid, end.signal);
  // Node ignores some signals for good (SIGPIPE); a shell reports those so.
  return 128 + (constants.signals[end.signal] ?? 0);
}

/** The exit code of a shell for a command that cannot be started. */
export function startFailure(error: NodeJS.ErrnoException): number {
  return error.code === 'ENOENT' ? notFound : notExecutable;
}

function explainStart(error: NodeJS.ErrnoException, file: string): number {
  switch (error.code) {
    case 'ENOENT':
      tell(`${file}: command not found`);
      break;
    case 'EACCES':
      tell(`${file}: permission denied, or not a program`);
      break;
    default:
      tell(`${file}: cannot be started: ${error.message}`);
  }
  return startFailure(error);
}
