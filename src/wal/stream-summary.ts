/** What retention must know of a stream before it may remove anything: sizes and times cheaply, runs by a full read. */
import { join } from 'node:path';
import { writerState, type HostIdentity, type WriterState } from './liveness.js';
import type { StreamRef } from './list.js';
import { isTerminal } from './open-runs.js';
import type { ReadPort } from './read-port.js';
import { readStream } from './read.js';
import { openIfThere } from './survey.js';
import { readTail } from './tail.js';

export interface SegmentSummary {
  readonly file: string;
  readonly bytes: number;
  /** The `ts` of its last record, in Unix milliseconds; `undefined` when nothing in it can be read. */
  readonly lastMs: number | undefined;
}

/** The cheap part: a read of each segment's tail. */
export interface StreamSummary {
  readonly ref: StreamRef;
  readonly segments: readonly SegmentSummary[];
  readonly bytes: number;
  readonly lastMs: number | undefined;
}

export async function summarise(ref: StreamRef, port: ReadPort): Promise<StreamSummary> {
  const segments: SegmentSummary[] = [];
  for (const file of ref.segments) {
    const open = await openIfThere(port, join(ref.directory, file));
    if (open === undefined) continue;
    try {
      const bytes = await open.size();
      const { last } = await readTail(open, bytes);
      segments.push({ file, bytes, lastMs: last === undefined ? undefined : Date.parse(last.ts) });
    } finally {
      await open.close();
    }
  }
  return {
    ref,
    segments,
    bytes: segments.reduce((sum, segment) => sum + segment.bytes, 0),
    lastMs: segments.findLast((segment) => segment.lastMs !== undefined)?.lastMs,
  };
}

/** The dear part: every record. */
export interface StreamContent {
  readonly writer: WriterState['state'];
  /** The stream ends with a seal that names no next file: its writer is done with it. */
  readonly isClosed: boolean;
  /** Run to the file it was accepted in. */
  readonly openRuns: ReadonlyMap<string, string>;
  /** Runs that end, or are resolved, in this stream, wherever they began. */
  readonly endedRuns: ReadonlySet<string>;
  readonly sequences: ReadonlyMap<string, { readonly from: number; readonly to: number }>;
  /** For a stream of role `prune`: the streams it explains. */
  readonly explains: ReadonlyMap<string, ReadonlySet<string>>;
}

export async function readContent(
  ref: StreamRef,
  port: ReadPort,
  here: HostIdentity,
): Promise<StreamContent> {
  let writer: WriterState['state'] = 'unknown';
  let isClosed = false;
  const openRuns = new Map<string, string>();
  const endedRuns = new Set<string>();
  const sequences = new Map<string, { from: number; to: number }>();
  const explains = new Map<string, Set<string>>();
  for await (const item of readStream(ref, { port })) {
    if (item.kind === 'fault') continue;
    const { record, file } = item;
    const range = sequences.get(file);
    sequences.set(file, { from: range?.from ?? record.sequence, to: record.sequence });
    isClosed = record.event_type === 'wal.sealed' && record.payload['next'] === null;
    const run = record.wal_run_id;
    if (record.event_type === 'wal.opened') writer = writerState(record, here).state;
    else if (record.event_type === 'run.accepted' && run !== undefined) openRuns.set(run, file);
    else if (record.event_type === 'stream.pruned') explain(explains, record.payload);
    else if (run !== undefined && endsRun(record.event_type)) {
      openRuns.delete(run);
      endedRuns.add(run);
    }
  }
  return { writer, isClosed, openRuns, endedRuns, sequences, explains };
}

/** A resolved run pins nothing, whoever resolved it. */
function endsRun(eventType: string): boolean {
  return isTerminal(eventType) || eventType === 'run.resolved';
}

function explain(
  explains: Map<string, Set<string>>,
  payload: Readonly<Record<string, unknown>>,
): void {
  const { writer_id: writerId, files } = payload;
  if (typeof writerId !== 'string' || !Array.isArray(files)) return;
  const known = explains.get(writerId) ?? new Set<string>();
  for (const file of files) if (typeof file === 'string') known.add(file);
  explains.set(writerId, known);
}
