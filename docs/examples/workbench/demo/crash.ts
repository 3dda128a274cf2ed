/** An ER dies in the middle of a run. When to kill it is read from its stream: nothing here guesses by time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogFields } from 'throughline';
import type { Entry } from 'throughline/read';
import type { McpFront } from './drive-mcp.js';
import type { Streams } from './streams.js';

export interface Crash {
  /** What the front told of the request that got no result. */
  readonly told: LogFields;
  /** The process that was killed. */
  readonly pid: number;
  readonly writerId: string;
}

const deadlineMs = 10_000;
const pollMs = 20;

/** Asks for a wait, waits until its handler's start is on disk, kills that ER and returns what the caller was told. */
export async function crash(mcp: McpFront, streams: Streams): Promise<Crash> {
  const reason = 'the run that dies';
  const answer = mcp.call({ action: 'wait', reason, waitMs: 60_000 }, {});
  const started = await startedHandler(streams, 'wait');
  const opened = (await streams.read()).find(
    (entry) => entry.event === 'wal.opened' && entry.writerId === started.writerId,
  );
  const pid = Number(opened?.payload['pid']);
  process.kill(pid, 'SIGKILL');
  return { told: await answer, pid, writerId: started.writerId };
}

/** The handler's start, as soon as it is on disk. */
export async function startedHandler(streams: Streams, handler: string): Promise<Entry> {
  const giveUpMs = performance.now() + deadlineMs;
  while (performance.now() < giveUpMs) {
    const started = (await streams.read()).find(
      (entry) => entry.event === 'handler.started' && entry.payload['handler'] === handler,
    );
    if (started !== undefined) return started;
    await sleep(pollMs);
  }
  throw new Error(`no handler.started of ${handler} on disk after ${deadlineMs} ms`);
}
