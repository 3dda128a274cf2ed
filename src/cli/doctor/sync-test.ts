/**
 * How long a sync takes where the streams are: a file of our own beside them, written and synced, and removed. The one
 * thing in the reading half that writes, and only when it is asked for.
 */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { percentile } from '../analysis/statistics.js';
import { duration } from '../times.js';
import { finding, note, ok, type Check } from './check.js';

const syncs = 100;
const bytes = Buffer.alloc(512, 'x');
/** A barrier that takes this long is felt by whoever types. */
const slowMs = 100;

export async function checkSync(root: string): Promise<Check> {
  let directory: string;
  try {
    directory = await mkdtemp(join(root, 'sync-test-'));
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    return finding(
      'sync',
      `nothing can be written in ${root} (${code})`,
      'check its owner and mode',
    );
  }
  try {
    const times = await measure(join(directory, 'file'));
    const [p50, p99] = [percentile(times, 0.5) ?? 0, percentile(times, 0.99) ?? 0];
    const message = `${syncs} syncs of ${bytes.length} B: median ${duration(p50)}, p99 ${duration(p99)}, longest ${duration(times.at(-1) ?? 0)}`;
    return p99 < slowMs
      ? ok('sync', message)
      : note(
          'sync',
          message,
          'runs that need not survive a power cut can be relaxed (docs/durability.md)',
        );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(path: string): Promise<readonly number[]> {
  const file = await open(path, 'wx', 0o600);
  const times: number[] = [];
  try {
    for (let count = 0; count < syncs; count += 1) {
      const startMs = performance.now();
      await file.write(bytes);
      await file.datasync();
      times.push(performance.now() - startMs);
    }
  } finally {
    await file.close();
  }
  return times.sort((a, b) => a - b);
}
