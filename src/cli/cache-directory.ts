/** Where searches of more than a gigabyte may remember what they saw. Never a root, and nothing that is missed. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['XDG_CACHE_HOME'];
  // The XDG specification: a relative path is to be ignored.
  const base = given !== undefined && isAbsolute(given) ? given : join(homedir(), '.cache');
  return join(base, 'throughline');
}
