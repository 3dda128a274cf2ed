/**
 * A disk in memory that remembers every operation, so that each state a power cut could leave can be built from them.
 * It fails where it is told to. A failed datasync leaves its pages in limbo, as Linux does: clean in the cache, and
 * never written by any later datasync.
 */
import type { FileSystem } from '../../../src/wal/index.js';

export type DiskOperation =
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'create'; readonly path: string }
  | {
      readonly kind: 'write';
      readonly path: string;
      readonly position: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'truncate'; readonly path: string; readonly length: number }
  | { readonly kind: 'datasync'; readonly path: string; readonly failed: boolean }
  | {
      /** The end of a durable write: these bytes and no others. */
      readonly kind: 'rangesync';
      readonly path: string;
      readonly position: number;
      readonly length: number;
      readonly failed: boolean;
    }
  | { readonly kind: 'syncdir'; readonly path: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'ack'; readonly mark: string };

export type Fallible = 'mkdir' | 'create' | 'write' | 'datasync' | 'truncate' | 'syncdir' | 'close';

/**
 * Asked before each operation: the error to fail with, if any. `count` is from 1, per kind. A durable write is a write
 * and then a datasync.
 */
export type FaultPlan = (kind: Fallible, count: number, path: string) => string | undefined;

export interface DiskKind {
  /** False where each flush is a write and a datasync. */
  readonly hasDurableWrites?: boolean;
  /** What a direct write must be whole multiples of; 512 if it is not said, 0 where there are none. */
  readonly sectorBytes?: number;
}

export class MemoryDisk implements FileSystem {
  readonly operations: DiskOperation[] = [];
  readonly #paths = new Map<number, string>();
  readonly #there = new Set<string>();
  readonly #counts = new Map<Fallible, number>();
  readonly #plan: FaultPlan;
  readonly #kind: DiskKind;
  /** Descriptors whose writes are durable, and of what size their sectors are: 1 if any bytes will do. */
  readonly #durable = new Map<number, number>();
  #next = 3;

  constructor(plan: FaultPlan = () => undefined, kind: DiskKind = {}) {
    this.#plan = plan;
    this.#kind = kind;
  }

  ack(mark: string): void {
    this.operations.push({ kind: 'ack', mark });
  }

  makeDirectory(path: string): boolean {
    this.#maybeFail('mkdir', path);
    if (this.#there.has(path)) return false;
    this.#there.add(path);
    this.operations.push({ kind: 'mkdir', path });
    return true;
  }

  createFile(path: string): number {
    this.#maybeFail('create', path);
    if (this.#there.has(path)) throw failure('EEXIST');
    this.#there.add(path);
    this.operations.push({ kind: 'create', path });
    this.#next += 1;
    this.#paths.set(this.#next, path);
    return this.#next;
  }

  write(descriptor: number, bytes: Uint8Array, position: number): number {
    const path = this.#pathOf(descriptor);
    const unit = this.#durable.get(descriptor) ?? 1;
    if (position % unit !== 0 || bytes.length % unit !== 0) throw failure('EINVAL');
    const code = this.#fault('write', path);
    if (code !== undefined && code !== 'SHORT') {
      // Half of it got there before the disk was full.
      const half = new Uint8Array(bytes.subarray(0, bytes.length >> 1));
      this.operations.push({ kind: 'write', path, position, bytes: half });
      throw failure(code);
    }
    const count = code === 'SHORT' ? Math.ceil(bytes.length / 3 / unit) * unit : bytes.length;
    const done = new Uint8Array(bytes.subarray(0, count));
    this.operations.push({ kind: 'write', path, position, bytes: done });
    if (this.#durable.has(descriptor)) {
      const fault = this.#fault('datasync', path);
      const failed = fault !== undefined;
      this.operations.push({ kind: 'rangesync', path, position, length: done.length, failed });
      if (failed) throw failure(fault);
    }
    return done.length;
  }

  openDurable(descriptor: number, isDirect: boolean): number | undefined {
    const { hasDurableWrites = true, sectorBytes = 512 } = this.#kind;
    if (!hasDurableWrites || (isDirect && sectorBytes === 0)) return undefined;
    this.#next += 1;
    this.#paths.set(this.#next, this.#pathOf(descriptor));
    this.#durable.set(this.#next, isDirect ? sectorBytes : 1);
    return this.#next;
  }

  datasync(descriptor: number): void {
    const path = this.#pathOf(descriptor);
    const code = this.#fault('datasync', path);
    this.operations.push({ kind: 'datasync', path, failed: code !== undefined });
    if (code !== undefined) throw failure(code);
  }

  isLinked(descriptor: number): boolean {
    return this.#there.has(this.#pathOf(descriptor));
  }

  truncate(descriptor: number, length: number): void {
    const path = this.#pathOf(descriptor);
    this.#maybeFail('truncate', path);
    this.operations.push({ kind: 'truncate', path, length });
  }

  close(descriptor: number): void {
    this.#maybeFail('close', this.#pathOf(descriptor));
    this.#paths.delete(descriptor);
    this.#durable.delete(descriptor);
  }

  syncDirectory(path: string): void {
    this.#maybeFail('syncdir', path);
    this.operations.push({ kind: 'syncdir', path });
  }

  removeFile(path: string): void {
    this.#there.delete(path);
    this.operations.push({ kind: 'remove', path });
  }

  removeDirectory(path: string): void {
    this.removeFile(path);
  }

  #pathOf(descriptor: number): string {
    const path = this.#paths.get(descriptor);
    if (path === undefined) throw failure('EBADF');
    return path;
  }

  #fault(kind: Fallible, path: string): string | undefined {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return this.#plan(kind, count, path);
  }

  #maybeFail(kind: Fallible, path: string): void {
    const code = this.#fault(kind, path);
    if (code !== undefined) throw failure(code);
  }
}

export function failure(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
