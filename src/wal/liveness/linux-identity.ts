/**
 * Everything that is read from Linux's /proc and /etc, in one place. Each reading is `undefined` where it cannot be
 * had: in a container without a machine id, or on another platform, where liveness then stays unknown.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

/** The machine, without saying which: a hash of /etc/machine-id. */
export function machineHash(): string | undefined {
  const id = read('/etc/machine-id') ?? read('/var/lib/dbus/machine-id');
  if (id === undefined || !/^[0-9a-f]{32}$/.test(id)) return undefined;
  return createHash('sha256').update(`throughline:${id}`).digest('hex').slice(0, 16);
}

/** One boot of one kernel. */
export function bootId(): string | undefined {
  const id = read('/proc/sys/kernel/random/boot_id');
  return id !== undefined && /^[0-9a-f-]{36}$/.test(id) ? id : undefined;
}

/** The pid namespace of this process, such as `pid:[4026531836]`. */
export function pidNamespace(): string | undefined {
  return link('/proc/self/ns/pid');
}

/** When this process started, in clock ticks since boot. */
export function ownStart(): string | undefined {
  return parseStat(read('/proc/self/stat'))?.start;
}

/**
 * The start time of another process of our namespace; `zombie` when it has ended and waits for its parent;
 * `undefined` when /proc does not show it or shows another namespace's processes.
 */
export function startOf(pid: number): string | undefined {
  // After `unshare --pid` without a new mount, /proc still numbers processes as the parent namespace does.
  if (link('/proc/self') !== String(process.pid)) return undefined;
  const stat = parseStat(read(`/proc/${pid}/stat`));
  if (stat === undefined) return undefined;
  return stat.state === 'Z' || stat.state === 'X' ? 'zombie' : stat.start;
}

function parseStat(stat: string | undefined): { state: string; start: string } | undefined {
  // The command's name is in parentheses and may hold anything, parentheses too.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields?.[0];
  const start = fields?.[19];
  return state !== undefined && start !== undefined && /^\d+$/.test(start)
    ? { state, start }
    : undefined;
}

function read(path: string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return undefined;
  }
}

function link(path: string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
