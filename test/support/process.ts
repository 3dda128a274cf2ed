/** What the system says of a process. */
import { existsSync, readFileSync } from 'node:fs';

export const hasProc: boolean = existsSync('/proc/self/stat');
if (!hasProc) console.log('skipped: there is no /proc to see processes and memory in');

/** Whether it runs. An orphan that has ended stays a zombie until init takes it, and some take seconds for that. */
export function isAlive(pid: number): boolean {
  if (hasProc) return !['Z', 'X', undefined].includes(statOf(String(pid))[0]);
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** State, parent and process group; nothing of one that is not there. */
export function statOf(pid: string): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
