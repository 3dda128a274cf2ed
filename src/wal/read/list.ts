/** Finds streams. Read-only: nothing is created, nothing is opened for writing, no link is followed. */
import { join, sep } from 'node:path';
import { ThroughlineError } from '../../context/index.js';
import { nodeReadPort, type DirectoryEntry, type ReadPort } from '../disk/read-port.js';

/** One stream on disk. */
export interface StreamRef {
  readonly root: string;
  readonly role: string;
  readonly writerId: string;
  readonly directory: string;
  /** File names in order. */
  readonly segments: readonly string[];
}

export const segmentPattern: RegExp = /^wal-\d{6,}\.jsonl$/;
const writerPattern = /^[a-z][a-z0-9-]{0,31}-[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const ulidChars = 26;

/** A stream by its name alone: says whether it is to be left out, before its directory is listed. */
export type PassOver = (directory: string, writerId: string, role: string) => boolean;

/**
 * All streams under `root`, by role and name. A root whose `wal` directory is not there yet has none. Rejects with
 * `ROOT_UNUSABLE` when the root does not exist or cannot be read.
 */
export async function listStreams(
  root: string,
  port: ReadPort = nodeReadPort,
  passOver?: PassOver,
): Promise<readonly StreamRef[]> {
  const streams: StreamRef[] = [];
  const levels = await listRoot(root, port);
  if (!levels.some((entry) => entry.name === 'wal' && entry.kind === 'directory')) return streams;
  const wal = join(root, 'wal');
  for (const role of await directories(wal, port)) {
    streams.push(...(await listRole(root, role, port, passOver)));
  }
  return streams;
}

/** The streams of one role, by name: by the time they were opened, as their writers saw it. */
export async function listRole(
  root: string,
  role: string,
  port: ReadPort = nodeReadPort,
  passOver?: PassOver,
): Promise<readonly StreamRef[]> {
  const streams: StreamRef[] = [];
  // Put together once: with thousands of streams `join` would be a part of the cost.
  const parent = join(root, 'wal', role, sep);
  for (const writerId of await listWriters(root, role, port)) {
    const directory = parent + writerId;
    if (passOver?.(directory, writerId, role) === true) continue;
    streams.push({ root, role, writerId, directory, segments: await segmentsOf(directory, port) });
  }
  return streams;
}

/** The names of a role's streams, sorted. */
export async function listWriters(
  root: string,
  role: string,
  port: ReadPort = nodeReadPort,
): Promise<readonly string[]> {
  const entries = await tolerant(join(root, 'wal', role), port);
  const chars = role.length + 1 + ulidChars;
  const names: string[] = [];
  for (const { kind, name } of entries) {
    if (kind !== 'directory' || name.length !== chars || !name.startsWith(role)) continue;
    if (writerPattern.test(name)) names.push(name);
  }
  return names;
}

/** The segments in a stream's directory now, in order. */
export async function segmentsOf(
  directory: string,
  port: ReadPort = nodeReadPort,
): Promise<readonly string[]> {
  const entries = await tolerant(directory, port);
  return entries
    .filter((entry) => entry.kind === 'file' && segmentPattern.test(entry.name))
    .map((entry) => entry.name);
}

async function listRoot(root: string, port: ReadPort): Promise<readonly DirectoryEntry[]> {
  try {
    return await port.list(root);
  } catch (cause) {
    const code = (cause as { code?: unknown }).code;
    const why = whyNot(code);
    throw new ThroughlineError('ROOT_UNUSABLE', `${root} ${why}`, { cause });
  }
}

async function directories(path: string, port: ReadPort): Promise<readonly string[]> {
  const entries = await tolerant(path, port);
  return entries.filter((entry) => entry.kind === 'directory').map((entry) => entry.name);
}

/** A level that vanishes while we look was pruned: no error. */
async function tolerant(path: string, port: ReadPort): Promise<readonly DirectoryEntry[]> {
  try {
    return await port.list(path);
  } catch (cause) {
    const code = (cause as { code?: unknown }).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new ThroughlineError('ROOT_UNUSABLE', `${path} cannot be read (${String(code)})`, {
      cause,
    });
  }
}

function whyNot(code: unknown): string {
  if (code === 'ENOENT') return 'does not exist';
  return code === 'ENOTDIR' ? 'is not a directory' : `cannot be read (${String(code)})`;
}
