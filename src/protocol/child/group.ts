/** The process group of a server. Signals it and asks whether anybody is left in it; starts nothing on POSIX. */
import { spawn } from 'node:child_process';

/** Sends the signal to everybody in the group. On Windows, where there is none, the process tree is ended by force. */
export function signalGroup(group: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (process.platform === 'win32') {
    spawn('taskkill', ['/T', '/F', '/PID', String(group)], { stdio: 'ignore' }).once(
      'error',
      () => undefined,
    );
    return;
  }
  try {
    process.kill(-group, signal);
  } catch {
    // Nobody is left in it.
  }
}

/** Whether anybody is left in the group. Nobody knows on Windows; then nobody is looked after. */
export function isGroupAlive(group: number): boolean {
  if (process.platform === 'win32') return false;
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    // Somebody whom we may not signal is there all the same.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
