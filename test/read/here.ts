/** A reading process of our own making: who lives is decided by the test and not by this machine. */
import type { HostIdentity } from '../../src/wal/index.js';
import type { Fields } from './stream-file.js';

/** What `wal.opened` says of a writer on the machine that `here` reads on. */
export function writtenBy(pid: number): Fields {
  return {
    pid,
    process_start: '100',
    boot_id: 'boot-1',
    machine: 'machine-1',
    pid_namespace: 'pid:[1]',
  };
}

/** Reads on `machine-1`, where only the given pids run. */
export function hereWith(...running: readonly number[]): HostIdentity {
  return {
    machine: 'machine-1',
    boot: 'boot-1',
    pidNamespace: 'pid:[1]',
    processOf: (pid) =>
      running.includes(pid) ? { state: 'running', start: '100' } : { state: 'absent' },
  };
}

export const elsewhere: Fields = { ...writtenBy(1), machine: 'machine-2' };
