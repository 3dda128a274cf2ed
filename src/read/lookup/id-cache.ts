/**
 * What earlier searches learnt of sealed segments, in small files outside the roots: which ids may be in each. Made
 * while a search reads a segment anyway, and disposable: one that is missing, old, cut or changed costs the time to
 * read its segment. Where nothing can be written, nothing is. Nothing is ever written where streams are.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Remember, SegmentMemory } from '../../wal/index.js';
import { holds, IdKeys, keyOf } from './id-keys.js';

/** Changes with what is in a file, and with what its keys are made of. */
const magic = Buffer.from('tl-ids-1');
const headBytes = magic.length + 32;
const crcBytes = 4;
const unusedMsMax = 30 * 86_400_000;

/** Remembers in `directory`, which is made when there is something to write. */
export function idCache(directory: string): Remember {
  let isSwept = false;
  return ({ path, bytes, seal }) => {
    try {
      const { mtimeMs } = statSync(path);
      const what = `${realpathSync(path)}\n${bytes}\n${mtimeMs}\n${seal}`;
      const name = createHash('sha256').update(what).digest();
      const file = join(directory, `${name.toString('hex')}.ids`);
      return new Remembered(file, name, () => {
        if (!isSwept) sweep(directory);
        isSwept = true;
      });
    } catch {
      return undefined;
    }
  };
}

class Remembered implements SegmentMemory {
  readonly #file: string;
  readonly #name: Buffer;
  readonly #onWrite: () => void;
  readonly #known: Uint32Array | undefined;
  readonly #learnt = new IdKeys();

  constructor(file: string, name: Buffer, onWrite: () => void) {
    this.#file = file;
    this.#name = name;
    this.#onWrite = onWrite;
    this.#known = readKeys(file, name);
  }

  mayHold(text: string): boolean {
    const key = keyOf(text);
    return key === undefined || this.#known === undefined || holds(this.#known, key);
  }

  look(block: { bytes: Uint8Array; start: number; end: number }): void {
    if (this.#known === undefined) this.#learnt.look(block);
  }

  done(): void {
    const keys = this.#known === undefined ? this.#learnt.sorted() : undefined;
    if (keys === undefined) return;
    const bytes = Buffer.alloc(headBytes + keys.length * 4 + crcBytes);
    magic.copy(bytes);
    this.#name.copy(bytes, magic.length);
    for (const [index, key] of keys.entries()) bytes.writeUInt32LE(key, headBytes + index * 4);
    const end = bytes.length - crcBytes;
    bytes.writeUInt32LE(crc32(bytes.subarray(0, end)), end);
    write(this.#file, bytes, this.#onWrite);
  }
}

/** `undefined`: it is not there, or is not what was written for this segment as it is now. */
function readKeys(file: string, name: Buffer): Uint32Array | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return undefined;
  }
  const end = bytes.length - crcBytes;
  if (end < headBytes || (end - headBytes) % 4 !== 0) return undefined;
  const isOurs =
    bytes.subarray(0, magic.length).equals(magic) &&
    bytes.subarray(magic.length, headBytes).equals(name) &&
    bytes.readUInt32LE(end) === crc32(bytes.subarray(0, end));
  if (!isOurs) return undefined;
  const keys = new Uint32Array((end - headBytes) / 4);
  for (let index = 0; index < keys.length; index += 1) {
    keys[index] = bytes.readUInt32LE(headBytes + index * 4);
  }
  return keys;
}

/** Whole or not at all, for another reader. Not synced: what a power cut leaves of it does not pass its check. */
function write(file: string, bytes: Buffer, onWrite: () => void): void {
  const part = `${file}.${randomUUID()}.part`;
  try {
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(part, bytes, { flag: 'wx', mode: 0o600 });
    renameSync(part, file);
    onWrite();
  } catch {
    rmQuietly(part);
  }
}

/** What was written long ago goes: its segment may have been removed, and if it was not, it is written anew. */
function sweep(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (!/^[0-9a-f]{64}\.ids(?:\.[0-9a-f-]{36}\.part)?$/.test(name)) continue;
    const file = join(directory, name);
    const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (written !== undefined && Date.now() - written > unusedMsMax) rmQuietly(file);
  }
}

function rmQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It stays: that costs its bytes.
  }
}
