/**
 * Ends a server's process group when we are gone, however we went. A shell in a session of its own holds a pipe of
 * ours; the system closes our end of it whatever kills us. Servers that end when their stdin does need none of this.
 * There is none on Windows, nor where there is no /bin/sh.
 */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * Reads the group's number, then waits for the end of its input. Who is left then has two seconds to end by itself (its
 * stdin has ended, too) and one more after SIGTERM. Whole seconds: a portable `sleep` knows no others. `kill -s`: dash
 * takes no `--` behind `-0`.
 */
const script = `
read -r group || exit 0
read -r nothing
second=0
while kill -s 0 -- "-$group" 2>/dev/null; do
  case $second in
    2) kill -s TERM -- "-$group" 2>/dev/null ;;
    3) kill -s KILL -- "-$group" 2>/dev/null; exit 0 ;;
  esac
  sleep 1
  second=$((second + 1))
done
`;

export interface Watchdog {
  /** From here on it looks after this group. */
  readonly watch: (group: number) => void;
  /** Nobody is left to look after. Without this it goes to work when we end. */
  readonly release: () => void;
}

const none: Watchdog = { watch: () => undefined, release: () => undefined };

/** Started before the server, so that there is no moment without it. Keeps nothing of ours open and no loop running. */
export function startWatchdog(warn: (message: string) => void): Watchdog {
  if (process.platform === 'win32') return none;
  try {
    // In a session of its own: who kills our process group must not kill it, too.
    const child = spawn('/bin/sh', ['-c', script, 'throughline-watchdog'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    });
    child.once('error', (error) => {
      if (child.pid === undefined)
        warn(`nothing ends the server if we are killed: ${error.message}`);
    });
    child.unref();
    const input = child.stdin as Writable & { unref?: () => void };
    input.on('error', () => undefined);
    input.unref?.();
    return {
      watch: (group) => input.write(`${group}\n`),
      release: () => {
        child.kill('SIGKILL');
      },
    };
  } catch {
    // Node's permission model: the server cannot be started either, and that is said.
    return none;
  }
}
