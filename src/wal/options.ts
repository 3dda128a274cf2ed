/** Checks and completes what `openStream` was given. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import * as nodeFs from 'node:fs';
import { processClock, ThroughlineError, type HybridClock } from '../context/index.js';
import { signer, type CheckpointKey, type Signer } from './segment/checkpoint.js';
import { createNodeFileSystem, type FileSystem } from './disk/file-system.js';
import type { RetentionOptions } from './retention/retention.js';
import type { JsonObject, Limits, OnFailure } from './types.js';

export interface StreamOptions extends Limits {
  /** Made if absent, mode 0700. */
  readonly root: string;
  /** Lower-case letters, digits and hyphens, 32 at most: `wm`, `er` … */
  readonly role: string;
  /** Default: the process's clock. */
  readonly clock?: HybridClock | undefined;
  /** `worker` (default): a dedicated thread does all I/O. `inline`: the calling thread does, for one-shot commands. */
  readonly sync?: 'worker' | 'inline' | undefined;
  /** Another file system, for tests; implies `inline`. */
  readonly fs?: FileSystem | undefined;
  /** `project_path` of records that name none. Default empty. */
  readonly projectPath?: string | undefined;
  /** Merged into the payload of `wal.opened`. */
  readonly header?: JsonObject | undefined;
  /** Default `degrade`. */
  readonly onFailure?: OnFailure | undefined;
  /** When `bytesPendingMax` is reached: `wait` (default) holds the caller, `reject` refuses with `APPEND_REJECTED`. */
  readonly onFull?: 'wait' | 'reject' | undefined;
  /** Newlines are written ahead, at most so many at a time, and durable records into that room. Default 0: none. */
  readonly preallocateBytes?: number | undefined;
  /**
   * Removes this role's finished streams after 30 days or above 1 GiB, in the background; `false` for never.
   * With a file system of your own, never.
   */
  readonly retention?: RetentionOptions | false | undefined;
  /** Sign every seal with this key, and what is written meanwhile once a minute. */
  readonly checkpointKey?: CheckpointKey | undefined;
  /** Seal on process exit and on SIGTERM when nobody else handles it. Default true. */
  readonly sealOnExit?: boolean | undefined;
}

export interface CheckedOptions extends Required<Limits> {
  readonly root: string;
  readonly role: string;
  readonly clock: HybridClock;
  readonly sync: 'worker' | 'inline';
  readonly fs: FileSystem;
  readonly projectPath: string;
  readonly header: JsonObject;
  readonly onFailure: OnFailure;
  readonly onFull: 'wait' | 'reject';
  readonly preallocateBytes: number;
  readonly sealOnExit: boolean;
  readonly retention: RetentionOptions | false;
  readonly sign: Signer | undefined;
  readonly checkpointIntervalMs: number;
  readonly onCheckpoint: ((note: string) => void) | undefined;
}

const rolePattern = /^[a-z][a-z0-9-]{0,31}$/;
const defaults: Required<Limits> = {
  recordBytesMax: 1024 * 1024,
  segmentBytesMax: 8 * 1024 * 1024,
  flushBytesMax: 1024 * 1024,
  bytesPendingMax: 16 * 1024 * 1024,
  relaxedDelayMsMax: 100,
  barrierWaitMsMax: 1000,
  aliveIntervalMs: 10_000,
  reopenDelayMs: 1000,
  closeWaitMsMax: 10_000,
};

/** Throws `ARGUMENT_INVALID`. */
export function checkOptions(options: StreamOptions): CheckedOptions {
  if (!rolePattern.test(options.role)) invalid(`not a role: ${options.role}`);
  if (options.root === '') invalid('the root is empty');
  if (options.fs !== undefined && options.sync === 'worker') {
    invalid('a file system of your own runs inline, not on the worker');
  }
  const limits = { ...defaults };
  for (const name of Object.keys(defaults) as (keyof Limits)[]) {
    const value = options[name];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 1) invalid(`${name} is not a positive integer`);
    limits[name] = value;
  }
  return {
    ...limits,
    root: isAbsolute(options.root) ? options.root : resolve(options.root),
    role: options.role,
    clock: options.clock ?? processClock(),
    sync: options.sync ?? (options.fs === undefined ? 'worker' : 'inline'),
    fs: options.fs ?? createNodeFileSystem(nodeFs, process.platform),
    projectPath: options.projectPath ?? '',
    header: options.header ?? {},
    onFailure: options.onFailure ?? 'degrade',
    onFull: options.onFull ?? 'wait',
    preallocateBytes: options.preallocateBytes ?? 0,
    sealOnExit: options.sealOnExit ?? true,
    sign: options.checkpointKey === undefined ? undefined : signer(options.checkpointKey),
    checkpointIntervalMs: interval(options.checkpointKey?.intervalMs),
    onCheckpoint: options.checkpointKey?.onCheckpoint,
    retention: options.retention ?? (options.fs === undefined ? {} : false),
  };
}

/** The levels to make for a stream: from the highest one that is absent down to the stream's own. */
export function levels(
  root: string,
  role: string,
  writerId: string,
): { readonly parent: string; readonly directories: readonly string[] } {
  const directories = [root, join(root, 'wal'), join(root, 'wal', role)];
  directories.push(join(root, 'wal', role, writerId));
  let parent = dirname(root);
  while (!nodeFs.existsSync(parent) && dirname(parent) !== parent) {
    directories.unshift(parent);
    parent = dirname(parent);
  }
  return { parent, directories };
}

/** Of a timer, which cannot be longer than that. */
function interval(ms = 60_000): number {
  if (Number.isSafeInteger(ms) && ms >= 1 && ms < 2 ** 31) return ms;
  return invalid('intervalMs of the checkpoint key is not a positive integer below 2^31');
}

function invalid(message: string): never {
  throw new ThroughlineError('ARGUMENT_INVALID', message);
}
