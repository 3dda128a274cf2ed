/**
 * The files of a bundle. They are written to a temporary directory first and read back from there: what is shown of
 * them, and that they can be verified, is found out and not claimed.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { openJournal, readStory, walk, type Request, type Story } from '../../read/index.js';
import { listStreams, readPruned, verifyStream } from '../../wal/index.js';
import { runObject } from '../objects.js';
import { truthFields } from '../open-story.js';
import { truthLines } from '../render/truth-line.js';
import { waterfall } from '../render/waterfall.js';
import type { TimeStyle } from '../times.js';
import { copyStream } from './copy.js';
import { Redactor } from './redact.js';
import type { PackedFile } from './tar.js';

type Json = Readonly<Record<string, unknown>>;

export interface Asked {
  readonly roots: readonly string[];
  readonly story: Story;
  readonly requests: readonly Request[];
  readonly keepsText: boolean;
  readonly nowMs: number;
  readonly style: TimeStyle;
}

/** Records of a stream that are about the stream itself and say what is missing. */
const kept: ReadonlySet<string> = new Set(['wal.opened', 'wal.gap', 'wal.late']);

export async function bundleFiles(asked: Asked): Promise<readonly PackedFile[]> {
  const streams = await collect(asked);
  const directory = mkdtempSync(join(tmpdir(), 'throughline-bundle-'));
  try {
    const files: PackedFile[] = [];
    for (const [writerId, { role, records, isSealed }] of streams) {
      const path = `wal/${role}/${writerId}/wal-000001.jsonl`;
      const bytes = Buffer.from(copyStream(records, isSealed).text);
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), bytes, { mode: 0o600 });
      files.push({ path, bytes });
    }
    const shown = { path: 'show.txt', bytes: Buffer.from(await show(directory, asked)) };
    const manifest = await describe(directory, asked, [shown, ...files]);
    const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
    return [{ path: 'manifest.json', bytes: Buffer.from(text) }, shown, ...files];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Collected {
  readonly role: string;
  readonly records: Json[];
  isSealed: boolean;
}

/** The requests' records and their streams' own, redacted, by stream. */
async function collect({ roots, requests, keepsText }: Asked): Promise<Map<string, Collected>> {
  const redactor = keepsText ? undefined : new Redactor();
  const spans = new Set<string>();
  const writers = new Set(requests.flatMap(({ streams }) => streams.map((one) => one.writerId)));
  for (const { roots: tops } of requests) {
    for (const { span } of walk(tops)) spans.add(`${span.correlationId} ${span.spanId}`);
  }
  const streams = new Map<string, Collected>();
  const journal = await openJournal({ roots });
  for await (const item of journal.items()) {
    if (item.kind !== 'entry' || !writers.has(item.entry.writerId)) continue;
    const { entry, stream } = item;
    let found = streams.get(entry.writerId);
    if (found === undefined) {
      found = { role: stream.role, records: [], isSealed: false };
      streams.set(entry.writerId, found);
    }
    const isOurs = spans.has(`${entry.correlationId} ${entry.spanId}`);
    const isHeader = entry.event === 'wal.opened' && found.records.length > 0;
    if (!isOurs && (!kept.has(entry.event) || isHeader)) continue;
    found.records.push(redactor?.record(entry.record) ?? entry.record);
  }
  for (const { writerId, sealed } of journal.streams) {
    const found = streams.get(writerId);
    if (found !== undefined) found.isSealed = sealed;
  }
  return streams;
}

/** What `show` prints of the copy. */
async function show(directory: string, { style }: Asked): Promise<string> {
  const story = await readStory({ roots: [directory] });
  const lines: string[] = [];
  for (const request of story.requests) lines.push(...waterfall(request, { full: true, style }));
  // A file is no terminal, even if the command's own output is one.
  return stripVTControlCharacters(`${[...lines, ...truthLines(story, '')].join('\n')}\n`);
}

async function describe(
  directory: string,
  { requests, story, roots, keepsText, nowMs }: Asked,
  files: readonly PackedFile[],
): Promise<object> {
  const copy = await readStory({ roots: [directory] });
  return {
    schema: 'throughline.bundle/1',
    created: new Date(nowMs).toISOString(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    texts: keepsText ? 'kept' : 'replaced',
    // From the copy: the original has the texts.
    requests: [...copy.requests].map((request) => runObject(request)),
    states: requests.map(({ correlationId, entrySpanId, state }) => ({
      correlation_id: correlationId,
      entry_span_id: entrySpanId,
      state,
    })),
    streams: await verified(
      roots,
      new Set(requests.flatMap((one) => one.streams.map((s) => s.writerId))),
    ),
    // The problems name roots.
    truth: { ...truthFields(story.truth), problems: story.truth.problems.length },
    files: files.map(({ path, bytes }) => ({
      path,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })),
  };
}

/** How the streams that the records were taken from were found. */
async function verified(roots: readonly string[], writers: ReadonlySet<string>): Promise<object[]> {
  const found: object[] = [];
  for (const root of roots) {
    const refs = await listStreams(root).catch(() => []);
    const pruned = await readPruned(refs);
    for (const ref of refs) {
      if (!writers.has(ref.writerId)) continue;
      const report = await verifyStream(ref, { pruned: pruned.get(ref.writerId) }).catch(
        () => undefined,
      );
      found.push({
        writer_id: ref.writerId,
        role: ref.role,
        segments: ref.segments.length,
        records: report?.records ?? null,
        synced: report?.synced ?? null,
        faults: (report?.faults ?? []).map(({ verdict, file, offset, message }) => ({
          verdict,
          file,
          offset,
          message,
        })),
      });
    }
  }
  return found;
}
