/** Whether a file is still what a recorded effect left. Reads regular files only: a path in a stream may name anything. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Effect } from '../read/index.js';
import type { FileNow } from './objects.js';

export type CurrentFile = { readonly sha256: string } | 'gone' | 'unreadable';

export async function fileNow(path: string): Promise<CurrentFile> {
  const hash = createHash('sha256');
  try {
    if (!(await stat(path)).isFile()) return 'unreadable';
    await pipeline(createReadStream(path), hash);
    return { sha256: hash.digest('hex') };
  } catch (error) {
    return (error as { code?: unknown }).code === 'ENOENT' ? 'gone' : 'unreadable';
  }
}

export function compareEffect(effect: Effect, current: CurrentFile | undefined): FileNow {
  if (current === undefined || current === 'unreadable') return 'unreadable';
  if (current === 'gone') return effect.change === 'deleted' ? 'same' : 'gone';
  if (effect.change === 'deleted') return 'changed';
  if (effect.after === undefined) return 'unreadable';
  return effect.after.sha256 === current.sha256 ? 'same' : 'changed';
}
