/**
 * A command as our child: started, handed the signals we are sent, waited for. Looks at no stream and knows nothing of
 * ids and records.
 */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { holdSignals, type HeldSignals } from './signals.js';

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
  readonly stdio: StdioOptions;
  /** In a session and process group of its own, so that the whole group can be ended. Default false. */
  readonly ownGroup?: boolean;
  /** Held by the caller from before the start until after the end. Default: held while the child is there. */
  readonly signals?: HeldSignals;
  /** Called in the tick in which the child was made, if it could be. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Starts the command and waits for its end. Never rejects. */
export function childEnd(options: ChildOptions): Promise<End> {
  const { file, args, env, stdio, ownGroup = false, onStart } = options;
  const signals = options.signals ?? holdSignals();
  return new Promise((settle) => {
    const end = (how: End): void => {
      if (options.signals === undefined) signals.release();
      settle(how);
    };
    try {
      // On Windows a detached child gets a console window; there are no groups to be had for it.
      const detached = ownGroup && process.platform !== 'win32';
      const child = spawn(file, args, { stdio, env, detached, windowsHide: ownGroup });
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

/** The exit code of a shell for a command that cannot be started. */
export function startFailure(error: NodeJS.ErrnoException): number {
  return error.code === 'ENOENT' ? notFound : notExecutable;
}
