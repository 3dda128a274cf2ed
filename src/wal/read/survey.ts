/**
 * What a stream's files say about each other, before any of them is read through: their headers, which files are
 * part of the stream, where one ends because the next says so, and the highest sequence known durable.
 */
import { join } from 'node:path';
import { lineBytesMax } from './blocks.js';
import { checkLine, type Line } from '../record/line.js';
import type { StreamRef } from './list.js';
import { isObject, parseRecord } from '../record/parse.js';
import type { OpenFile, ReadPort } from '../disk/read-port.js';
import { readTail } from './tail.js';
import type { JsonObject, WalRecord } from '../types.js';

/** Where a header says that the file before it ends. */
export interface Claim {
  readonly kind: 'continues' | 'supersedes';
  readonly file: string;
  readonly sequence: number;
  readonly crc: number;
  /** Of that file's records, where the header says so. */
  readonly bytes: number | undefined;
}

export interface SurveyedSegment {
  readonly file: string;
  readonly path: string;
  /** Bytes at the time of the survey; what is appended later is not looked at. */
  readonly size: number;
  readonly header: Line | undefined;
  readonly claim: Claim | undefined;
  /** Nothing in here was ever acknowledged: no header, or a later file goes on from an earlier one than this. */
  readonly isBypassed: boolean;
}

const firstBytes = 4096;
const newline = 10;

interface Found extends Omit<SurveyedSegment, 'isBypassed'> {
  readonly isStillborn: boolean;
}

export interface Survey {
  readonly segments: readonly SurveyedSegment[];
  readonly synced: number;
}

/** Surveys the files of `ref`. A file that vanished meanwhile is left out. */
export async function surveyStream(ref: StreamRef, port: ReadPort): Promise<Survey> {
  const found: Found[] = [];
  let synced = 0;
  // From the last: when a header says where the file before it ends, that file is looked at later than that, and the
  // writer, who may be at work, has it complete.
  for (const file of ref.segments.toReversed()) {
    const path = join(ref.directory, file);
    const segment = await withFile(port, path, async (open) => {
      const size = await open.size();
      const { header, claim } = await readHeader(open, size);
      const tail = await readTail(open, size);
      synced = Math.max(synced, header?.synced ?? 0, claim?.sequence ?? 0, tail.synced ?? 0);
      // The header is durable before anything follows it: without it and without a flush, nothing ever was.
      const isStillborn = header === undefined && tail.synced === undefined;
      return { file, path, size, header, claim, isStillborn };
    });
    if (segment !== undefined) found.unshift(segment);
  }
  const bypassed = bypassedFiles(found);
  return {
    segments: found.map(({ isStillborn, ...segment }) => ({
      ...segment,
      isBypassed: isStillborn || bypassed.has(segment.file),
    })),
    synced,
  };
}

/** The file, or `undefined` when it is not there any more. */
export async function openIfThere(port: ReadPort, path: string): Promise<OpenFile | undefined> {
  try {
    return await port.open(path);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function withFile<Result>(
  port: ReadPort,
  path: string,
  use: (file: OpenFile) => Promise<Result>,
): Promise<Result | undefined> {
  const file = await openIfThere(port, path);
  if (file === undefined) return undefined;
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

function bypassedFiles(
  segments: readonly { readonly file: string; readonly claim: Claim | undefined }[],
): ReadonlySet<string> {
  const bypassed = new Set<string>();
  for (const [index, { claim }] of segments.entries()) {
    const named = claim === undefined ? -1 : segments.findIndex(({ file }) => file === claim.file);
    if (named === -1) continue;
    for (const between of segments.slice(named + 1, index)) bypassed.add(between.file);
  }
  return bypassed;
}

async function readHeader(
  file: OpenFile,
  size: number,
): Promise<{ header: Line | undefined; claim: Claim | undefined }> {
  const opened = await readOpened(file, size);
  if (opened === undefined) return { header: undefined, claim: undefined };
  return { header: opened.line, claim: claimOf(opened.record.payload) };
}

/** The `wal.opened` that a file must begin with. */
export async function readOpened(
  file: OpenFile,
  size: number,
): Promise<{ readonly line: Line; readonly record: WalRecord } | undefined> {
  const bytes = await firstLine(file, size);
  const line = bytes === undefined ? undefined : checkLine(bytes);
  const record = line === undefined ? undefined : parseRecord(line.text);
  return line !== undefined && record?.event_type === 'wal.opened' ? { line, record } : undefined;
}

/** Without its newline; `undefined` when there is none within a record's length. */
async function firstLine(file: OpenFile, size: number): Promise<Buffer | undefined> {
  for (let length = Math.min(firstBytes, size); ; length = Math.min(length * 8, size)) {
    const bytes = Buffer.alloc(length);
    const count = await file.read(bytes, 0);
    const at = bytes.subarray(0, count).indexOf(newline);
    if (at !== -1) return bytes.subarray(0, at);
    if (length === size || length > lineBytesMax) return undefined;
  }
}

function claimOf(payload: JsonObject): Claim | undefined {
  for (const [member, kind] of [
    ['predecessor', 'continues'],
    ['supersedes', 'supersedes'],
  ] as const) {
    const named = payload[member];
    if (!isObject(named)) continue;
    const { file, last_sequence: sequence, last_crc: crc } = named;
    if (typeof file === 'string' && typeof sequence === 'number' && typeof crc === 'string') {
      const bytes = typeof named['bytes'] === 'number' ? named['bytes'] : undefined;
      return { kind, file, sequence, crc: Number.parseInt(crc, 16) | 0, bytes };
    }
  }
  return undefined;
}
