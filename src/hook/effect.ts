/** What a run did to a file: before and after as hashes. The content itself is never kept. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cut, pathCharsMax } from './bounds.js';
import type { JsonObject } from '../wal/index.js';

/** A file's content as a record keeps it. */
export interface Fingerprint {
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly bytes: number;
}

/** A file's content, text as UTF-8; its fingerprint if that is at hand; `null` when there is no such file. */
export type FileState = Uint8Array | string | Fingerprint | null;

/** `undefined`: not known. */
export interface Touch {
  readonly before: FileState | undefined;
  readonly after: FileState | undefined;
  /** @internal Concluded from how the file was before and after, not seen by whoever wrote it. */
  readonly inferred?: boolean;
}

/** What is used of a `URL`, which a project without the types of Node or of a DOM cannot name. */
export interface FileUrl {
  readonly href: string;
}

/** The payload of `effect.applied`. A state that cannot be read as one is left out: unknown, which is not absent. */
export function effectPayload(path: string | FileUrl, touch: Touch, base: string): JsonObject {
  const before = fingerprint(touch.before);
  const after = fingerprint(touch.after);
  return {
    path: cut(absolute(path, base), pathCharsMax),
    change: changeOf(before, after),
    ...(before === undefined ? {} : { before: before && { ...before } }),
    ...(after === undefined ? {} : { after: after && { ...after } }),
    ...(touch.inferred === true ? { inferred: true } : {}),
  };
}

function changeOf(before: Fingerprint | null | undefined, after: Fingerprint | null | undefined) {
  if (after === null) return before === null ? 'unchanged' : 'deleted';
  if (before === null) return 'created';
  if (before === undefined || after === undefined) return 'modified';
  return before.sha256 === after.sha256 ? 'unchanged' : 'modified';
}

function fingerprint(state: FileState | undefined): Fingerprint | null | undefined {
  if (state === null) return null;
  if (typeof state === 'string') return hash(Buffer.from(state, 'utf8'));
  if (state instanceof Uint8Array) return hash(state);
  if (typeof state !== 'object') return undefined;
  const { sha256, bytes } = state;
  return /^[0-9a-f]{64}$/.test(sha256) && Number.isSafeInteger(bytes) && bytes >= 0
    ? { sha256, bytes }
    : undefined;
}

function hash(content: Uint8Array): Fingerprint {
  return { sha256: createHash('sha256').update(content).digest('hex'), bytes: content.byteLength };
}

function absolute(path: string | FileUrl, base: string): string {
  const text = typeof path === 'string' ? path : path.href;
  if (!text.startsWith('file:')) return resolve(base, text);
  try {
    return fileURLToPath(text);
  } catch {
    return text;
  }
}
