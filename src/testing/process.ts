/** The front as a real child process. What is started here is stopped here, by its own id, whatever happens. */
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { ThroughlineError } from '../context/index.js';
import type { FrontCommand } from './types.js';

export interface FrontProcess {
  readonly child: ChildProcess;
  /** The exit code or the signal's name; rejects with `FRONT_FAILED` if the process could not be started. */
  readonly exited: Promise<number | string>;
  /** The end of what it wrote to stderr. */
  stderr(): string;
  /** Closes stdin, then asks, then kills. Resolves when the process is gone. */
  stop(): Promise<void>;
}

const stderrCharsMax = 2000;
const stopMsMax = 2000;

/** Starts the front. `carrier` is all of the trace context that its environment holds. */
export function startFront(
  front: FrontCommand,
  carrier: Readonly<Record<string, string>>,
): FrontProcess {
  // The test's own trace context must not reach the front by inheritance.
  const own = { ...process.env, ...front.env, TRACEPARENT: undefined, TRACESTATE: undefined };
  const child = spawn(front.command, [...(front.args ?? [])], {
    cwd: front.cwd,
    env: { ...own, ...carrier },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrCharsMax);
  });
  // EPIPE of a front that exits early: its exit is what counts.
  child.stdin.on('error', () => undefined);
  const exited = new Promise<number | string>((resolve, reject) => {
    child.once('error', (cause) => reject(notStarted(front.command, cause)));
    // Not `close`: a grandchild that holds the pipes open must not hold us up.
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  // Nobody may be waiting when it fails; whoever waits later sees it all the same.
  exited.catch(() => undefined);
  return { child, exited, stderr: () => stderr, stop: () => stop(child, exited) };
}

function notStarted(command: string, cause: unknown): ThroughlineError {
  return new ThroughlineError('FRONT_FAILED', `The front "${command}" could not be started.`, {
    cause,
  });
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  const gone = exited.catch(() => undefined);
  child.stdin?.end();
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (await within(gone, stopMsMax)) break;
    child.kill(signal);
  }
  await gone;
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** Whether the promise settles in time. */
export async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const abort = new AbortController();
  const late = pause(ms, false, { signal: abort.signal }).catch(() => false);
  const done = await Promise.race([promise.then(() => true), late]);
  abort.abort();
  return done;
}
