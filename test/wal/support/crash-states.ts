/**
 * Every state that a power cut may leave, built from the operations of a MemoryDisk: after each operation, each
 * directory entry that was not synced may be there or not, of each file's unsynced bytes any prefix of sectors may be
 * there, any one of those sectors may be zeroed (or keep what it held), and a cut may or may not have happened.
 */
import { dirname } from 'node:path';
import type { DiskOperation } from './memory-disk.js';

export interface CrashState {
  /** Path to content; `null` for a directory. */
  readonly entries: ReadonlyMap<string, Uint8Array | null>;
  /** What had been acknowledged by then. */
  readonly acknowledged: readonly string[];
}

interface Change {
  readonly position: number;
  readonly bytes: Uint8Array | undefined;
  /** A datasync of it failed: no later one will write it. */
  isLimbo: boolean;
}

interface Node {
  readonly path: string;
  readonly isDirectory: boolean;
  isEntryDurable: boolean;
  /** Removed, and its directory not synced since: it may be there again. */
  isRemoved: boolean;
  durable: Uint8Array;
  changes: Change[];
}

const sectorBytes = 512;

/** From the prefix of `from` operations on. Latest first: a state seen with more acknowledged need not be looked at with less. */
export function* crashStates(
  operations: readonly DiskOperation[],
  from = 0,
): Generator<CrashState> {
  const seen = new Set<string>();
  for (let count = operations.length; count >= from; count -= 1) {
    const prefix = operations.slice(0, count);
    if (prefix.at(-1)?.kind === 'ack' && operations[count]?.kind === 'ack') continue;
    const acknowledged = prefix.flatMap((operation) =>
      operation.kind === 'ack' ? [operation.mark] : [],
    );
    for (const entries of statesOf(replay(prefix))) {
      const key = keyOf(entries);
      if (seen.has(key)) continue;
      seen.add(key);
      yield { entries, acknowledged };
    }
  }
}

/** What a process sees that is not cut: everything done, whether it was synced or not. */
export function liveState(
  operations: readonly DiskOperation[],
): ReadonlyMap<string, Uint8Array | null> {
  return new Map(
    replay(operations)
      .filter((node) => !node.isRemoved)
      .map((node) => [node.path, node.isDirectory ? null : apply(node.durable, node.changes)]),
  );
}

function replay(operations: readonly DiskOperation[]): readonly Node[] {
  const nodes = new Map<string, Node>();
  const add = (path: string, isDirectory: boolean): void => {
    const durable = new Uint8Array(0);
    const node = { path, isDirectory, isEntryDurable: false, isRemoved: false, durable };
    nodes.set(path, { ...node, changes: [] });
  };
  for (const operation of operations) {
    if (operation.kind === 'ack') continue;
    if (operation.kind === 'mkdir' || operation.kind === 'create') {
      add(operation.path, operation.kind === 'mkdir');
      continue;
    }
    if (operation.kind === 'syncdir') {
      for (const node of nodes.values()) {
        if (dirname(node.path) !== operation.path) continue;
        if (node.isRemoved) nodes.delete(node.path);
        node.isEntryDurable = true;
      }
      continue;
    }
    const node = nodes.get(operation.path);
    if (node === undefined) throw new Error(`no file ${operation.path}`);
    if (operation.kind === 'remove') {
      node.isRemoved = true;
    } else if (operation.kind === 'write') {
      node.changes.push({ position: operation.position, bytes: operation.bytes, isLimbo: false });
    } else if (operation.kind === 'truncate') {
      node.changes.push({ position: operation.length, bytes: undefined, isLimbo: false });
    } else if (operation.kind === 'datasync') {
      sync(node, operation.failed);
    } else if (operation.kind === 'rangesync') {
      syncRange(node, operation);
    }
  }
  return [...nodes.values()];
}

function sync(node: Node, isFailed: boolean): void {
  if (isFailed) {
    for (const change of node.changes) change.isLimbo = true;
    return;
  }
  node.durable = apply(
    node.durable,
    node.changes.filter((change) => !change.isLimbo),
  );
  node.changes = node.changes.filter((change) => change.isLimbo);
}

/** Makes one range durable, and the length it needs. What is not written below it reads as zeros. */
function syncRange(
  node: Node,
  range: { readonly position: number; readonly length: number; readonly failed: boolean },
): void {
  const from = range.position;
  const to = from + range.length;
  const outside = node.changes.flatMap((change) => withoutRange(change, from, to));
  if (range.failed) {
    for (const change of node.changes) if (!outside.includes(change)) change.isLimbo = true;
    return;
  }
  const written = node.changes.filter((change) => !change.isLimbo);
  const bytes = apply(node.durable, written).subarray(from, to);
  node.durable = apply(node.durable, [{ position: from, bytes, isLimbo: false }]);
  node.changes = outside;
}

/** What a change does outside of the range: the change itself if it does nothing inside. */
function withoutRange(change: Change, from: number, to: number): readonly Change[] {
  const { position, bytes, isLimbo } = change;
  if (bytes === undefined || position >= to || position + bytes.length <= from) return [change];
  const rest: Change[] = [];
  if (position < from) rest.push({ position, bytes: bytes.subarray(0, from - position), isLimbo });
  if (position + bytes.length > to) {
    rest.push({ position: to, bytes: bytes.subarray(to - position), isLimbo });
  }
  return rest;
}

function* statesOf(nodes: readonly Node[]): Generator<ReadonlyMap<string, Uint8Array | null>> {
  const [node, ...rest] = nodes;
  if (node === undefined) {
    yield new Map();
    return;
  }
  for (const others of statesOf(rest)) {
    if (!node.isEntryDurable || node.isRemoved) yield withoutOrphans(others, node.path);
    if (node.isDirectory) yield new Map([[node.path, null], ...others]);
    else for (const content of contentsOf(node)) yield new Map([[node.path, content], ...others]);
  }
}

/** Without an entry for the directory, nothing below it can be found. */
function withoutOrphans(
  entries: ReadonlyMap<string, Uint8Array | null>,
  path: string,
): ReadonlyMap<string, Uint8Array | null> {
  return new Map([...entries].filter(([other]) => !other.startsWith(`${path}/`)));
}

function* contentsOf(node: Node): Generator<Uint8Array> {
  const { durable, changes } = node;
  if (changes.length === 0) {
    yield durable;
    return;
  }
  const cutAt = changes.findIndex((change) => change.bytes === undefined);
  if (cutAt !== -1) {
    yield apply(durable, changes);
    changes.splice(cutAt);
  }
  const full = apply(durable, changes);
  const changed = changedSectors(durable, full);
  for (let count = 0; count <= changed.length; count += 1) {
    const kept = changed.slice(0, count);
    yield build(durable, full, kept);
    for (const zeroed of kept) yield build(durable, full, kept, zeroed);
  }
}

function build(
  durable: Uint8Array,
  full: Uint8Array,
  sectors: readonly number[],
  zeroed?: number,
): Uint8Array {
  const last = sectors.at(-1);
  const end = last === undefined ? 0 : Math.min(full.length, (last + 1) * sectorBytes);
  const content = new Uint8Array(Math.max(durable.length, end));
  content.set(durable);
  for (const sector of sectors) {
    if (sector === zeroed) continue;
    const start = sector * sectorBytes;
    content.set(full.subarray(start, Math.min(full.length, start + sectorBytes)), start);
  }
  return content;
}

function changedSectors(durable: Uint8Array, full: Uint8Array): readonly number[] {
  const changed: number[] = [];
  for (let sector = 0; sector * sectorBytes < full.length; sector += 1) {
    const start = sector * sectorBytes;
    const end = Math.min(full.length, start + sectorBytes);
    const isSame =
      end <= durable.length &&
      Buffer.compare(durable.subarray(start, end), full.subarray(start, end)) === 0;
    if (!isSame) changed.push(sector);
  }
  return changed;
}

function apply(content: Uint8Array, changes: readonly Change[]): Uint8Array {
  let result = content.slice();
  for (const { position, bytes } of changes) {
    if (bytes === undefined) {
      result = result.slice(0, position);
      continue;
    }
    if (position + bytes.length > result.length) {
      const longer = new Uint8Array(position + bytes.length);
      longer.set(result);
      result = longer;
    }
    result.set(bytes, position);
  }
  return result;
}

function keyOf(entries: ReadonlyMap<string, Uint8Array | null>): string {
  let key = '';
  for (const [path, content] of [...entries].sort(([one], [other]) => (one < other ? -1 : 1))) {
    key += `${path}:${content === null ? '/' : Buffer.from(content).toString('latin1')};`;
  }
  return key;
}
