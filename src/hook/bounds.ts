/** Bounds what a record keeps of the user's data. Whatever is cut says so and by how much. */
import type { Json, JsonObject } from '../wal/index.js';

/** What a summary may hold. */
export type Scalar = string | number | boolean | null;

export const nameCharsMax = 256;
export const pathCharsMax = 4096;
const summaryMembersMax = 16;
const summaryCharsMax = 120;
const peerBytesMax = 2048;
const rpcCharsMax = 128;
const pickDepthMax = 8;

/** The text, or its beginning and how many characters are missing. Untyped callers' values are spelled, not refused. */
export function cut(value: unknown, charsMax: number): string {
  const text = String(value);
  if (text.length <= charsMax) return text;
  // A surrogate pair is not cut in half.
  const kept = text.slice(0, charsMax).replace(/[\ud800-\udbff]$/, '');
  return `${kept}…[cut ${String(text.length - kept.length)}]`;
}

/** The scalars of a summary, at most 16, strings of at most 120 characters; anything else is left out. */
export function boundSummary(summary: unknown): JsonObject | undefined {
  if (typeof summary !== 'object' || summary === null) return undefined;
  const bounded: Record<string, Json> = {};
  for (const name of Object.keys(summary).slice(0, summaryMembersMax)) {
    const value = readPath(summary, [name]);
    if (isScalar(value)) bounded[cut(name, 64)] = boundScalar(value);
  }
  return Object.keys(bounded).length === 0 ? undefined : bounded;
}

/**
 * The members of `params` that are named and scalar: an allow-list. A name may be a path such as `textDocument.uri`;
 * the summary names it in full. Never throws.
 */
export function pickScalars(
  params: unknown,
  names: readonly string[],
): Readonly<Record<string, Scalar>> {
  const picked: Record<string, Scalar> = {};
  for (const name of names.slice(0, summaryMembersMax)) {
    const value = readPath(params, name.split('.', pickDepthMax));
    if (isScalar(value)) picked[name] = value;
  }
  return picked;
}

/** A JSON-RPC request as a record names it. */
export function boundRpc(rpc: Rpc): JsonObject {
  const { connection, id } = rpc;
  return {
    ...(connection === undefined ? {} : { connection: cut(connection, rpcCharsMax) }),
    ...(id === undefined ? {} : { id: isNumber(id) || id === null ? id : cut(id, rpcCharsMax) }),
  };
}

/** Which message of which connection asked for a run, or was sent for an attempt. */
export interface Rpc {
  readonly connection?: string | undefined;
  readonly id?: string | number | null | undefined;
}

/** What the host saw of its peer, or how large it was when it is too large to keep. */
export function boundPeer(peer: unknown): JsonObject | undefined {
  try {
    const text = JSON.stringify(peer);
    if (typeof text !== 'string' || !text.startsWith('{')) return undefined;
    return text.length <= peerBytesMax ? (JSON.parse(text) as JsonObject) : { cut: text.length };
  } catch {
    return undefined;
  }
}

function isScalar(value: unknown): value is Scalar {
  return (
    value === null || typeof value === 'string' || typeof value === 'boolean' || isNumber(value)
  );
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function boundScalar(value: Scalar): Scalar {
  return typeof value === 'string' ? cut(value, summaryCharsMax) : value;
}

function readPath(holder: unknown, names: readonly string[]): unknown {
  let value = holder;
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    try {
      value = (value as Readonly<Record<string, unknown>>)[name];
    } catch {
      return undefined;
    }
  }
  return value;
}
