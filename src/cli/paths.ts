/** A path as writers may have seen it. */
import { realpath } from 'node:fs/promises';

/** The absolute path, and where it leads if that is somewhere else. */
export async function pathsOf(path: string): Promise<readonly string[]> {
  try {
    return [...new Set([path, await realpath(path)])];
  } catch {
    return [path];
  }
}
