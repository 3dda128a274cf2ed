/**
 * One root with everything that an export could lose or invent, and the literal list of its spans. Every format's test
 * writes this story, reads its own output back with a reader that is not ours, and compares with `spans`.
 */
import { readStory, walk, type Story } from '../../src/read/index.js';
import { hereWith, elsewhere, writtenBy } from '../read/here.js';
import {
  correlation,
  epoch,
  RunRecords,
  span,
  StreamFile,
  type Fields,
} from '../read/stream-file.js';

/** A span as it must be found in every export. Times in microseconds since 1970; null: there is none. */
export interface CorpusSpan {
  readonly correlationId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly kind: string;
  readonly name: string;
  readonly state: string;
  readonly start: number | null;
  readonly end: number | null;
  readonly links: readonly string[];
  readonly writerId: string;
}

/** What is asked of a name in HTML, CSV, JSON and a terminal at once. */
export const hostileName = '</script><script>alert("x")</script>, \'a\'\n=1+1;\té漢😀\u2028 \ud83d';
/** The same in a format that has no half characters. */
export const hostileNameWritten =
  '</script><script>alert("x")</script>, \'a\'\n=1+1;\té漢😀\u2028 \\ud83d';

/** A trace id of somebody else's: as a ULID it has no time in it. */
const foreignTraceId = 'ffffffffffffffffffffffffffffff42';
const linked = { trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331' };
const alsoLinked = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7' };
const mcp = { front: 'mcp', method: 'tools/call', name: 'run_checks', client: 'claude-code' };
const lsp = { front: 'lsp', method: 'textDocument/codeAction', name: 'format', client: 'vscode' };
const exit1 = { class: 'ExitError', code: '1', message: 'exit 1, "quoted", <b>bold</b>' };

export const writers = {
  wm: `wm-${correlation('7F3A')}`,
  erA: `er-${correlation('E001')}`,
  erB: `er-${correlation('E002')}`,
  alive: `wm-${correlation('A11V')}`,
  closed: `er-${correlation('D0NE')}`,
  far: `wm-${correlation('FAR1')}`,
  torn: `er-${correlation('T0RN')}`,
} as const;

/** Writes the corpus under `root`, whole streams by an independent writer, with fixed ids and times. */
export function writeExportCorpus(root: string): void {
  const wm = new StreamFile(root, 'wm', '7F3A', { header: { ...writtenBy(11), host: 'lab' } });
  const [erA, erB] = [new StreamFile(root, 'er', 'E001'), new StreamFile(root, 'er', 'E002')];
  retries(wm, erA, erB);
  linkedRuns(wm);
  clockSteps(wm, erA);
  unknownEvents(wm, erA);
  missing(wm, erA);
  hostile(wm, erB);
  cancelled(wm);
  shared(wm);
  for (const stream of [wm, erA, erB]) stream.seal(90_000).write();
  openOnes(root);
}

/** The story of the corpus as `here` reads it: one of its writers runs, one is on another machine. */
export function readExportCorpus(root: string): Promise<Story> {
  return readStory({ roots: [root], here: hereWith(22) });
}

/** The spans of a story in the shape of `spans`, by correlation id and span id. */
export function spansOf(story: Pick<Story, 'requests'>): readonly CorpusSpan[] {
  const found: CorpusSpan[] = [];
  for (const request of story.requests) {
    for (const { span: one } of walk(request.roots)) {
      found.push({
        correlationId: one.correlationId,
        spanId: one.spanId,
        parentSpanId: one.parentSpanId ?? null,
        kind: one.kind,
        name: one.name,
        state: one.state,
        start: one.started?.microseconds ?? null,
        end: one.ended?.microseconds ?? null,
        links: one.links.map((link) => `${link.traceId}-${link.spanId}`),
        writerId: one.writerId,
      });
    }
  }
  return found.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ correlationId, spanId }: CorpusSpan): string {
  return `${correlationId} ${spanId}`;
}

/** An attempt that failed, one that nobody answered, and one that succeeded in another runner. */
function retries(wm: StreamFile, erA: StreamFile, erB: StreamFile): void {
  const id = correlation('RETRY01');
  const outer = run(wm, id, 0x102, 0x101, 'check', mcp).accepted(0.001);
  outer.dispatched(2, 0x103, 'er-checks', 1);
  const first = run(erA, id, 0x104, 0x103, 'check', mcp).accepted(5);
  first.handler(6, 0x105, 'oxlint').handlerEnd(9, 0x105, 'oxlint', 3, exit1).failed(10, 5, exit1);
  outer.dispatched(11, 0x106, 'er-nobody', 2);
  outer.dispatched(20, 0x107, 'er-checks', 3);
  const third = run(erB, id, 0x108, 0x107, 'check', mcp).accepted(22).handler(23, 0x109, 'oxfmt');
  third.effect(24, 0x109, '/ws/src/a, "b".ts', 'a'.repeat(64));
  third.add(25, 'effect.applied', { path: '/ws/new.ts', change: 'created', inferred: true });
  third.handlerEnd(26.5, 0x109, 'oxfmt', 3.5).completed(28, 6);
  outer.completed(30, 30);
}

function linkedRuns(wm: StreamFile): void {
  const links = [linked, alsoLinked];
  const one = run(wm, correlation('11NKED1'), 0x201, undefined, 'format', lsp);
  one.add(1000, 'run.accepted', { durability: 'barrier', root: true }, { links });
  one.completed(1010, 10);
  // A foreign trace id is kept as it is, and the same span id is another span in another trace.
  const other = run(wm, foreignTraceId, 0x201, 0x200, 'format', lsp);
  other.add(1100, 'run.accepted', { durability: 'barrier' }, { links: [linked] });
  other.completed(1105, 5);
}

/** Its clock was set back by an hour while it ran, and forward in the next one. */
function clockSteps(wm: StreamFile, er: StreamFile): void {
  const id = correlation('C10CKST');
  const outer = run(wm, id, 0x302, 0x301, 'build', mcp)
    .accepted(2000)
    .dispatched(2001, 0x303, 'er');
  const inner = run(er, id, 0x304, 0x303, 'build', mcp).accepted(2002);
  inner.add(2003, 'handler.started', { handler: 'tsc' }, below(0x305, 0x304));
  const payload = { handler: 'tsc', duration_ms: 4 };
  const back = { ...below(0x305, 0x304), ts: '2025-11-21T13:02:13.487000Z' };
  inner.add(2007, 'handler.completed', payload, back);
  const forward = { ts: '2025-11-21T15:02:13.488000Z' };
  inner.add(2008, 'run.completed', { duration_ms: 6, answered: true }, forward);
  outer.completed(2010, 10);
}

/** Events of a later version, in a run and with a span of their own. */
function unknownEvents(wm: StreamFile, er: StreamFile): void {
  const id = correlation('VNKN0WN');
  const one = run(wm, id, 0x402, 0x401, 'lint', mcp).accepted(3000);
  one.add(3001, 'run.paused_by_moon', { phase: 'full' });
  one.add(
    3002,
    'plugin.loaded',
    { name: 'later' },
    { span_id: span(0x403), parent_span_id: span(0x402) },
  );
  one.completed(3005, 5);
  er.add(3006, 'weather.changed', { payload: { to: 'rain' } });
}

/** Ends whose starts are in no stream, as after a rotation, and a parent that is in none. */
function missing(wm: StreamFile, er: StreamFile): void {
  const id = correlation('M1SS1NG');
  run(wm, id, 0x502, 0x501, 'test', lsp).completed(4010, 10);
  const orphan = run(er, id, 0x504, 0x5ff, 'test', lsp);
  orphan.handlerEnd(4020, 0x505, 'pytest', 7);
  orphan.add(4030, 'run.cancel_requested', { reason: 'too slow' });
  // Two ends contradict each other: the first one counts.
  const twice = run(wm, id, 0x506, 0x502, 'again', lsp).accepted(4002).completed(4003, 1);
  twice.failed(4004, 2, exit1);
}

/** Names that are markup, formulas and half characters; and no name at all. */
function hostile(wm: StreamFile, er: StreamFile): void {
  const id = correlation('H0ST1XE');
  const origin = { front: 'mcp', method: 'tools/call', name: hostileName, client: hostileName };
  const outer = run(wm, id, 0x602, 0x601, hostileName, origin).accepted(5000);
  outer.dispatched(5001, 0x603, hostileName);
  const inner = run(er, id, 0x604, 0x603, '', origin).accepted(5002);
  inner.handler(5003, 0x605, hostileName);
  inner.effect(5004, 0x605, `/ws/${hostileName}`, 'b'.repeat(64));
  const error = { class: hostileName, message: hostileName };
  inner.handlerEnd(5005, 0x605, hostileName, 2, error).failed(5006, 4, error);
  outer.failed(5008, 8, error);
}

function cancelled(wm: StreamFile): void {
  run(wm, correlation('CANCE11'), 0x702, 0x701, 'lint', lsp)
    .accepted(6000)
    .add(6010, 'run.cancel_requested', { reason: 'superseded by a keystroke' })
    .add(6020, 'run.client_gone', { reason: 'its pipe was closed' })
    .add(6200, 'run.cancelled', { duration_ms: 200, answered: false });
  run(wm, correlation('REJECTD'), 0x712, 0x711, 'lint', lsp).add(6300, 'run.rejected', {
    code: 'BUSY',
    reason: 'too many runs',
  });
}

/** Two requests under one correlation id, and one request with two trees. */
function shared(wm: StreamFile): void {
  const id = correlation('SHARED1');
  for (const [own, parent] of [
    [0x802, 0x801],
    [0x803, 0x801],
    [0x805, 0x804],
  ] as const) {
    run(wm, id, own, parent, 'hover', lsp)
      .accepted(7000 + own)
      .completed(7001 + own, 1);
  }
}

/** What has no end: in flight, lost, resolved, unknown, and behind a torn tail. */
function openOnes(root: string): void {
  const alive = new StreamFile(root, 'wm', 'A11V', { header: writtenBy(22) });
  const waiting = run(alive, correlation('F11GHT1'), 0x902, 0x901, 'serve', mcp).accepted(8000);
  waiting.handler(8001, 0x903, 'watch').dispatched(8002, 0x904, 'er-later', 1, 0x903);
  alive.write();
  const closed = new StreamFile(root, 'er', 'D0NE');
  run(closed, correlation('10ST001'), 0xa02, 0xa01, 'format', lsp)
    .accepted(9000)
    .handler(9010, 0xa03, 'slow_format');
  run(closed, correlation('RES01VE'), 0xa12, 0xa11, 'format', lsp).accepted(9020);
  run(closed, correlation('RES01VE'), 0xa12, 0xa11, 'format', lsp).add(9030, 'run.resolved', {
    resolution: 'abandoned',
    writer_id: writers.closed,
    wal_run_id: correlation('RA12'),
  });
  closed.seal(9100).write();
  const far = new StreamFile(root, 'wm', 'FAR1', { header: elsewhere });
  run(far, correlation('FARAWAY'), 0xb02, 0xb01, 'typecheck', mcp)
    .accepted(10_000)
    .dispatched(10_001, 0xb03, 'er-far')
    .add(10_002, 'partial_result.first_sent');
  far.write();
  const torn = new StreamFile(root, 'er', 'T0RN', { header: writtenBy(33) });
  run(torn, correlation('T0RNTA1'), 0xc02, 0xc01, 'index', mcp)
    .accepted(11_000)
    .completed(11_005, 5);
  torn.write(20);
}

function run(
  stream: StreamFile,
  correlationId: string,
  own: number,
  parent: number | undefined,
  action: string,
  origin: Fields,
): RunRecords {
  const from = parent === undefined ? {} : { parent };
  return new RunRecords(stream, { correlationId, span: own, ...from, action, origin });
}

function below(own: number, parent: number): Fields {
  return { span_id: span(own), parent_span_id: span(parent), origin: undefined };
}

const none = null;
const link = '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331';
const otherLink = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';

/** Correlation id (or its tail), span, parent, kind, name, state, start and end in ms from `epoch`, writer, links. */
function row(
  ...[id, own, parent, kind, name, state, startMs, endMs, writer, links = []]: readonly [
    string,
    number,
    number | null,
    string,
    string,
    string,
    number | null,
    number | null,
    keyof typeof writers,
    (readonly string[])?,
  ]
): CorpusSpan {
  return {
    correlationId: id.length === 7 ? correlation(id) : id,
    spanId: span(own),
    parentSpanId: parent === null ? null : span(parent),
    kind,
    name,
    state,
    start: startMs === null ? null : epoch + startMs * 1000,
    end: endMs === null ? null : epoch + endMs * 1000,
    links,
    writerId: writers[writer],
  };
}

/** All of them, by correlation id and span id: what `spansOf` must find, and every format must give back. */
export const corpusSpans: readonly CorpusSpan[] = [
  row('10ST001', 0xa02, 0xa01, 'run', 'format', 'lost', 9000, none, 'closed'),
  row('10ST001', 0xa03, 0xa02, 'handler', 'slow_format', 'lost', 9010, none, 'closed'),
  row('11NKED1', 0x201, none, 'run', 'format', 'completed', 1000, 1010, 'wm', [link, otherLink]),
  row('C10CKST', 0x302, 0x301, 'run', 'build', 'completed', 2000, 2010, 'wm'),
  row('C10CKST', 0x303, 0x302, 'dispatch', 'er', 'completed', 2001, none, 'wm'),
  row('C10CKST', 0x304, 0x303, 'run', 'build', 'completed', 2002, 3602008, 'erA'),
  row('C10CKST', 0x305, 0x304, 'handler', 'tsc', 'completed', 2003, -3597993, 'erA'),
  row('CANCE11', 0x702, 0x701, 'run', 'lint', 'cancelled', 6000, 6200, 'wm'),
  row('F11GHT1', 0x902, 0x901, 'run', 'serve', 'in_flight', 8000, none, 'alive'),
  row('F11GHT1', 0x903, 0x902, 'handler', 'watch', 'in_flight', 8001, none, 'alive'),
  row('F11GHT1', 0x904, 0x903, 'dispatch', 'er-later', 'in_flight', 8002, none, 'alive'),
  row('FARAWAY', 0xb02, 0xb01, 'run', 'typecheck', 'unknown', 10000, none, 'far'),
  row('FARAWAY', 0xb03, 0xb02, 'dispatch', 'er-far', 'unknown', 10001, none, 'far'),
  row('H0ST1XE', 0x602, 0x601, 'run', hostileName, 'failed', 5000, 5008, 'wm'),
  row('H0ST1XE', 0x603, 0x602, 'dispatch', hostileName, 'failed', 5001, none, 'wm'),
  row('H0ST1XE', 0x604, 0x603, 'run', '', 'failed', 5002, 5006, 'erB'),
  row('H0ST1XE', 0x605, 0x604, 'handler', hostileName, 'failed', 5003, 5005, 'erB'),
  row('M1SS1NG', 0x502, 0x501, 'run', 'test', 'completed', none, 4010, 'wm'),
  row('M1SS1NG', 0x504, 0x5ff, 'run', 'test', 'lost', none, none, 'erA'),
  row('M1SS1NG', 0x505, 0x504, 'handler', 'pytest', 'completed', none, 4020, 'erA'),
  row('M1SS1NG', 0x506, 0x502, 'run', 'again', 'completed', 4002, 4003, 'wm'),
  row('REJECTD', 0x712, 0x711, 'run', 'lint', 'rejected', 6300, 6300, 'wm'),
  row('RES01VE', 0xa12, 0xa11, 'run', 'format', 'lost', 9020, none, 'closed'),
  row('RETRY01', 0x102, 0x101, 'run', 'check', 'completed', 0.001, 30, 'wm'),
  row('RETRY01', 0x103, 0x102, 'dispatch', 'er-checks', 'failed', 2, none, 'wm'),
  row('RETRY01', 0x104, 0x103, 'run', 'check', 'failed', 5, 10, 'erA'),
  row('RETRY01', 0x105, 0x104, 'handler', 'oxlint', 'failed', 6, 9, 'erA'),
  row('RETRY01', 0x106, 0x102, 'dispatch', 'er-nobody', 'unknown', 11, none, 'wm'),
  row('RETRY01', 0x107, 0x102, 'dispatch', 'er-checks', 'completed', 20, none, 'wm'),
  row('RETRY01', 0x108, 0x107, 'run', 'check', 'completed', 22, 28, 'erB'),
  row('RETRY01', 0x109, 0x108, 'handler', 'oxfmt', 'completed', 23, 26.5, 'erB'),
  row('SHARED1', 0x802, 0x801, 'run', 'hover', 'completed', 9050, 9051, 'wm'),
  row('SHARED1', 0x803, 0x801, 'run', 'hover', 'completed', 9051, 9052, 'wm'),
  row('SHARED1', 0x805, 0x804, 'run', 'hover', 'completed', 9053, 9054, 'wm'),
  row('T0RNTA1', 0xc02, 0xc01, 'run', 'index', 'lost', 11000, none, 'torn'),
  row('VNKN0WN', 0x402, 0x401, 'run', 'lint', 'completed', 3000, 3005, 'wm'),
  row('VNKN0WN', 0x403, 0x402, 'other', '', 'unknown', none, none, 'wm'),
  row('7ZZZZZZZZZZZZZZZZZZZZZZZT2', 0x201, 0x200, 'run', 'format', 'completed', 1100, 1105, 'wm', [
    link,
  ]),
];

/** The same in a format that has no half characters. */
export const corpusSpansWritten: readonly CorpusSpan[] = corpusSpans.map((one) =>
  one.name === hostileName ? { ...one, name: hostileNameWritten } : one,
);

/** How much else there is in it. */
export const corpusCounts = { requests: 17, records: 78, effects: 3, streams: 7 } as const;
