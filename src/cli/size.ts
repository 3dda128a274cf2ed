/** Whether the streams are so much that reading all of them would be felt. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listStreams } from '../wal/index.js';

/** Up to here all is read and checked even where one request is asked for: it takes less than half a second. */
const smallBytesMax = 32 * 1024 ** 2;

export async function isLarge(roots: readonly string[]): Promise<boolean> {
  let bytes = 0;
  for (const root of roots) {
    for (const { directory, segments } of await listStreams(root).catch(() => [])) {
      for (const segment of segments) {
        const found = await stat(join(directory, segment)).catch(() => undefined);
        bytes += found?.size ?? 0;
        if (bytes > smallBytesMax) return true;
      }
    }
  }
  return false;
}
