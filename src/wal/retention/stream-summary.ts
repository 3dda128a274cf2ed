/** What retention must know of a stream before it may remove anything: sizes and times cheaply, runs by a full read. */
import { join } from 'node:path';
import { writerState, type HostIdentity, type WriterState } from '../liveness/liveness.js';
import type { StreamRef } from '../read/list.js';
import { isTerminal } from '../record/open-runs.js';
import type { ReadPort } from '../disk/read-port.js';
import { scanStream, type ScannedLine } from '../read/scan.js';
import { openIfThere } from '../read/survey.js';
import { readTail } from '../read/tail.js';

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

const judged = /^(?:run\.|wal\.|stream\.)/;

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

/** Everything but runs and the stream's own records is passed over without a parse. */
export async function readContent(
  ref: StreamRef,
  port: ReadPort,
  here: HostIdentity,
): Promise<StreamContent> {
  const content = new Content(here);
  for await (const batch of scanStream(ref, { port })) {
    for (const item of batch) if (item.kind === 'line') content.add(item);
  }
  return content;
}

class Content implements StreamContent {
  readonly #here: HostIdentity;
  writer: WriterState['state'] = 'unknown';
  isClosed = false;
  readonly openRuns = new Map<string, string>();
  readonly endedRuns = new Set<string>();
  readonly sequences = new Map<string, { readonly from: number; readonly to: number }>();
  readonly explains = new Map<string, Set<string>>();

  constructor(here: HostIdentity) {
    this.#here = here;
  }

  add(line: ScannedLine): void {
    const { file, sequence, eventType } = line;
    this.sequences.set(file, { from: this.sequences.get(file)?.from ?? sequence, to: sequence });
    this.isClosed = false;
    if (!judged.test(eventType)) return;
    const record = line.record();
    if (record === undefined) return;
    this.isClosed = eventType === 'wal.sealed' && record.payload['next'] === null;
    const run = record.wal_run_id;
    if (eventType === 'wal.opened') this.writer = writerState(record, this.#here).state;
    else if (eventType === 'stream.pruned') explain(this.explains, record.payload);
    else if (run === undefined) return;
    else if (eventType === 'run.accepted') this.openRuns.set(run, file);
    else if (endsRun(eventType)) {
      this.openRuns.delete(run);
      this.endedRuns.add(run);
    }
  }
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
