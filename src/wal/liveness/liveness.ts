/**
 * Gone or not: the evidence that the writer of a stream still runs. `gone` is said only with proof, because what
 * is gone may be pruned and its open runs called lost. Everything short of proof is `unknown`.
 */
import { bootId, machineHash, ownStart, pidNamespace, startOf } from './linux-identity.js';
import type { JsonObject, WalRecord } from '../types.js';

/** Who asks: the machine, boot and namespace of the reading process, and what it can see of others. */
export interface HostIdentity {
  readonly machine: string | undefined;
  readonly boot: string | undefined;
  readonly pidNamespace: string | undefined;
  /** The process with this pid in our namespace. `unknown`: it exists, or may; no more can be said. */
  readonly processOf: (pid: number) => ProcessState;
}

export type ProcessState =
  | { readonly state: 'absent' | 'unknown' }
  | { readonly state: 'running'; readonly start: string };

export interface WriterState {
  readonly state: 'alive' | 'gone' | 'unknown';
  /** Why, in a sentence. */
  readonly evidence: string;
}

/** This process's own identity, as `wal.opened` records it. */
export function ownIdentity(): JsonObject {
  return {
    pid: process.pid,
    process_start: ownStart(),
    boot_id: bootId(),
    machine: machineHash(),
    pid_namespace: pidNamespace(),
  };
}

/** The identity of the reading process. */
export function hostIdentity(): HostIdentity {
  return {
    machine: machineHash(),
    boot: bootId(),
    pidNamespace: pidNamespace(),
    processOf,
  };
}

/** What is known of the writer that wrote this `wal.opened`, seen from `here`. */
export function writerState(opened: WalRecord, here: HostIdentity = hostIdentity()): WriterState {
  const payload = opened.payload;
  const machine = text(payload, 'machine');
  const boot = text(payload, 'boot_id');
  const namespace = text(payload, 'pid_namespace');
  const start = text(payload, 'process_start');
  const pid = payload['pid'];
  if (boot === undefined || here.boot === undefined) return unknown('no boot id to compare');
  if (machine !== here.machine) return unknown(otherMachine(machine, here.machine));
  if (boot !== here.boot) {
    return machine === undefined
      ? unknown('another boot, and no machine id to compare')
      : { state: 'gone', evidence: 'this machine was restarted since' };
  }
  if (namespace === undefined || namespace !== here.pidNamespace) {
    return unknown('written in another pid namespace');
  }
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return unknown('no pid');
  const found = here.processOf(pid);
  if (found.state === 'absent') return { state: 'gone', evidence: `process ${pid} does not exist` };
  if (found.state !== 'running' || start === undefined) {
    return unknown(`process ${pid} exists, and when it started cannot be seen`);
  }
  return found.start === start
    ? { state: 'alive', evidence: `process ${pid} runs since the stream was opened` }
    : { state: 'gone', evidence: `pid ${pid} belongs to another process now` };
}

function processOf(pid: number): ProcessState {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // /proc may hide other users' processes; the kernel's own answer does not.
    if ((error as { code?: unknown }).code === 'ESRCH') return { state: 'absent' };
  }
  const start = startOf(pid);
  if (start === undefined) return { state: 'unknown' };
  return start === 'zombie' ? { state: 'absent' } : { state: 'running', start };
}

function otherMachine(machine: string | undefined, ours: string | undefined): string {
  if (machine === undefined) return 'it is not known on which machine it was written';
  return ours === undefined
    ? 'it is not known which machine this is'
    : 'written on another machine';
}

function unknown(evidence: string): WriterState {
  return { state: 'unknown', evidence };
}

function text(payload: JsonObject, member: string): string | undefined {
  const value = payload[member];
  return typeof value === 'string' ? value : undefined;
}
