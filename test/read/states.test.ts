import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSpans, readStory, walk, type Request, type Story } from '../../src/read/index.js';
import { correlation, RunRecords, span, StreamFile, type Fields } from './stream-file.js';
import { elsewhere, hereWith, writtenBy } from './here.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-read-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const id = correlation('A1B2C3D');
const mcp = { front: 'mcp', method: 'tools/call', name: 'run_checks', client: 'claude-code' };
const wmPid = 10;
const erPid = 20;

function wmStream(header: Fields = writtenBy(wmPid)): StreamFile {
  return new StreamFile(root, 'wm', 'WM', { header });
}

function erStream(header = writtenBy(erPid)): StreamFile {
  return new StreamFile(root, 'er', 'ER', { header });
}

/** A WM run under the front's span 1, and its attempt. */
function wmRun(stream: StreamFile): RunRecords {
  return new RunRecords(stream, {
    correlationId: id,
    span: 2,
    parent: 1,
    action: 'check',
    origin: mcp,
  })
    .accepted(0)
    .dispatched(1, 3, 'er-lint');
}

/** What the ER does under that attempt. */
function erRun(stream: StreamFile): RunRecords {
  return new RunRecords(stream, {
    correlationId: id,
    span: 4,
    parent: 3,
    action: 'lint',
    origin: mcp,
  }).accepted(2);
}

function read(...running: readonly number[]): Promise<Story> {
  return readStory({ roots: [root], here: hereWith(...running) });
}

async function only(...running: readonly number[]): Promise<Request> {
  const { requests } = await read(...running);
  expect(requests.length).toBe(1);
  const [request] = requests;
  if (request === undefined) throw new Error('no request');
  return request;
}

function states(request: Request): Record<string, string> {
  return Object.fromEntries(
    [...walk(request.roots)].map((visit) => [visit.span.spanId, visit.span.state]),
  );
}

describe('a request', () => {
  it('is one line across WM and ER, entered by the span that is in no stream', async () => {
    const [wm, er] = [wmStream(), erStream()];
    const run = wmRun(wm);
    erRun(er).handler(3, 5, 'oxlint').handlerEnd(8, 5, 'oxlint', 5).completed(9, 7);
    run.completed(10, 10);
    wm.seal(11).write();
    er.seal(12).write();
    const request = await only();
    expect(request).toMatchObject({
      correlationId: id,
      entrySpanId: span(1),
      state: 'completed',
      via: 'mcp',
      client: 'claude-code',
      what: 'tool run_checks',
      spans: 4,
      open: 0,
      records: 7,
      durationMs: 10,
    });
    expect(request.streams.map((stream) => stream.role)).toEqual(['wm', 'er']);
  });

  it('is in flight while its writer lives, and says who waits for whom', async () => {
    const [wm, er] = [wmStream(), erStream()];
    wmRun(wm);
    erRun(er).handler(3, 5, 'oxlint');
    wm.write();
    er.write();
    const story = await read(wmPid, erPid);
    expect(story.requests.at(0)).toMatchObject({ state: 'in_flight', open: 3, lost: 0 });
    expect(story.requests.at(0)?.ended).toBeUndefined();
    const open = openSpans(story.requests);
    expect(open.map((one) => [one.span.name, one.state])).toEqual([
      ['check', 'in_flight'],
      ['oxlint', 'in_flight'],
    ]);
    expect(open[0]?.waitsFor.map((waited) => waited.writerId)).toEqual([er.writerId]);
  });

  it('is in flight while the WM lives although its ER is gone, and names the lost handler', async () => {
    const [wm, er] = [wmStream(), erStream()];
    wmRun(wm);
    erRun(er).handler(3, 5, 'oxlint');
    wm.write();
    er.write();
    const story = await read(wmPid);
    expect(story.requests.at(0)).toMatchObject({ state: 'in_flight', open: 3, lost: 2 });
    expect(
      openSpans(story.requests).map((one) => [one.span.name, one.state, one.last.event]),
    ).toEqual([
      ['check', 'in_flight', 'run.dispatched'],
      ['oxlint', 'lost', 'handler.started'],
    ]);
  });

  it('is lost when its handler never ended and the writer is gone, whatever the WM answered', async () => {
    const [wm, er] = [wmStream(), erStream()];
    const run = wmRun(wm);
    erRun(er).handler(3, 5, 'oxlint');
    run.failed(50, 50, { class: 'ConnectionClosed', message: 'the runner went away' });
    wm.seal(60).write();
    er.write();
    const request = await only();
    expect(request).toMatchObject({ state: 'lost', open: 2, lost: 2 });
    expect(request.decidedBy).toMatchObject({ name: 'oxlint', last: { event: 'handler.started' } });
  });

  it('is completed when the WM completed it with another attempt after one was lost', async () => {
    const [wm, er] = [wmStream(), erStream()];
    const second = new StreamFile(root, 'er', 'ER2', { header: writtenBy(30) });
    const run = wmRun(wm);
    erRun(er);
    run.dispatched(20, 6, 'er-lint', 2);
    new RunRecords(second, { correlationId: id, span: 7, parent: 6, action: 'lint' })
      .accepted(21)
      .completed(30, 9);
    run.completed(31, 31);
    wm.seal(40).write();
    er.write();
    second.seal(41).write();
    expect(await only()).toMatchObject({ state: 'completed', lost: 1 });
  });

  it('is unknown, never lost, when the WM is gone and the ER it asked has no stream here', async () => {
    const wm = wmStream();
    wmRun(wm);
    wm.write();
    const request = await only();
    expect(request.state).toBe('unknown');
    expect(states(request)).toEqual({ [span(2)]: 'unknown', [span(3)]: 'unknown' });
  });

  it.each([
    ['run.failed', 'failed: ConnectionClosed the runner went away'],
    ['run.cancelled', 'cancelled: ConnectionClosed the runner went away'],
  ])('is unknown when it ended with %s over an ER that has no stream here', async (event, said) => {
    const wm = wmStream();
    const error = { class: 'ConnectionClosed', message: 'the runner went away' };
    wmRun(wm).add(50, event, { duration_ms: 50, answered: true, error });
    wm.seal(60).write();
    const story = await read();
    expect(story.requests.at(0)).toMatchObject({
      state: 'unknown',
      why: `what was sent to er-lint is in no stream that was read; answered ${said}`,
      open: 1,
      unknown: 1,
      ended: undefined,
      decidedBy: { kind: 'dispatch', spanId: span(3) },
    });
    expect(openSpans(story.requests).map((one) => [one.span.spanId, one.state])).toEqual([
      [span(3), 'unknown'],
    ]);
    expect(story.truth).toMatchObject({ conditions: { complete: 1 }, attemptsUnseen: 1 });
  });

  it('is failed, as the attempt is, when its end says that it is the answer of whom it was sent to', async () => {
    const wm = wmStream();
    const error = { code: -32_603, message: 'boom' };
    wmRun(wm).add(50, 'run.failed', { answered: true, execution: 'answered', error });
    wm.seal(60).write();
    const story = await read();
    expect(story.requests.at(0)).toMatchObject({ state: 'failed', why: '-32603 boom', open: 0 });
    expect([...story.requests].map(states)).toEqual([{ [span(2)]: 'failed', [span(3)]: 'failed' }]);
    expect(story.truth.attemptsUnseen).toBe(0);
  });

  it('that was answered is lost all the same when the stream of the ER says so', async () => {
    const [wm, er] = [wmStream(), erStream()];
    erRun(er).handler(3, 5, 'oxlint');
    wmRun(wm).add(50, 'run.failed', { answered: true, execution: 'answered', error: {} });
    wm.seal(60).write();
    er.write();
    expect(await only()).toMatchObject({ state: 'lost', open: 2 });
  });

  it('is completed when its WM had the answer of an ER that has no stream here, which the truth tells', async () => {
    const wm = wmStream();
    wmRun(wm).completed(10, 10);
    wm.seal(11).write();
    const story = await read();
    expect(story.requests.at(0)).toMatchObject({ state: 'completed', open: 0, unknown: 0 });
    expect(openSpans(story.requests)).toEqual([]);
    expect(story.truth.attemptsUnseen).toBe(1);
  });

  it('is failed, not unknown, when the attempt that no stream tells of is one whose handler completed', async () => {
    const [wm, er] = [wmStream(), erStream()];
    const run = wmRun(wm);
    const error = { class: 'ExitError', message: 'exit 1' };
    const inner = erRun(er).handler(3, 5, 'nested').dispatched(4, 6, 'wm', 1, 5);
    inner.handlerEnd(6, 5, 'nested', 3).failed(9, 7, error);
    run.failed(10, 10, error);
    wm.seal(11).write();
    er.seal(12).write();
    expect(await only()).toMatchObject({ state: 'failed', open: 0 });
  });

  it('is no longer open when what nobody can tell of was resolved', async () => {
    const wm = wmStream();
    const error = { class: 'ConnectionClosed', message: 'the runner went away' };
    wmRun(wm).failed(50, 50, error).add(55, 'run.resolved', { resolution: 'done' });
    wm.seal(60).write();
    const story = await read();
    expect(story.requests.at(0)).toMatchObject({ state: 'failed', open: 0, resolution: 'done' });
    expect(openSpans(story.requests)).toEqual([]);
  });

  it('counts no attempt as unseen while its run is in flight', async () => {
    const wm = wmStream();
    wmRun(wm);
    wm.write();
    expect((await read(wmPid)).truth.attemptsUnseen).toBe(0);
  });

  it('is unknown when a handler of a dead host waits for a runner without a stream', async () => {
    const er = erStream();
    erRun(er).handler(3, 5, 'check').dispatched(4, 6, 'wm', 1, 5);
    er.write();
    expect(await only()).toMatchObject({ state: 'unknown' });
  });

  it('is unknown when a run that a handler of the same dead host began waits for a runner without a stream', async () => {
    const wm = wmStream();
    const top = { correlationId: id, span: 2, parent: 1, action: 'check' };
    new RunRecords(wm, top).accepted(0).handler(1, 5, 'plan');
    const nested = { correlationId: id, span: 6, parent: 5, action: 'lint' };
    new RunRecords(wm, nested).accepted(2).dispatched(3, 7, 'er-lint');
    wm.write();
    const story = await readStory({ roots: [root], here: hereWith() });
    const [request] = story.requests;
    expect(request?.state).toBe('unknown');
    const spans = [...walk(request?.roots ?? [])].map(({ span: one }) => [one.kind, one.state]);
    expect(spans).toEqual([
      ['run', 'unknown'],
      ['handler', 'unknown'],
      ['run', 'unknown'],
      ['dispatch', 'unknown'],
    ]);
  });

  it('is lost when the WM is gone although its ER completed: nobody has the answer', async () => {
    const [wm, er] = [wmStream(), erStream()];
    wmRun(wm);
    erRun(er).completed(9, 7);
    wm.write();
    er.seal(10).write();
    const request = await only();
    expect(request.state).toBe('lost');
    expect(states(request)).toEqual({
      [span(2)]: 'lost',
      [span(3)]: 'completed',
      [span(4)]: 'completed',
    });
  });

  it('is in flight, not completed, while a handler of a completed run works on', async () => {
    const [wm, er] = [wmStream(), erStream()];
    const run = wmRun(wm);
    erRun(er).handler(3, 5, 'oxlint');
    run.completed(10, 10);
    wm.write();
    er.write();
    expect(await only(wmPid, erPid)).toMatchObject({ state: 'in_flight' });
  });

  it.each([
    ['from another machine', elsewhere],
    ['without an identity', {}],
  ])('of a writer %s is unknown', async (_, header) => {
    const wm = wmStream(header);
    new RunRecords(wm, { correlationId: id, span: 2, parent: 1, action: 'check' }).accepted(0);
    wm.write();
    expect((await only()).state).toBe('unknown');
  });

  it('is lost when its stream was sealed over it, even while the process lives', async () => {
    const wm = wmStream();
    new RunRecords(wm, { correlationId: id, span: 2, parent: 1, action: 'check' }).accepted(0);
    wm.seal(5).write();
    expect((await only(wmPid)).state).toBe('lost');
  });

  it('is unknown when its stream says that records are missing after it began', async () => {
    const wm = wmStream();
    new RunRecords(wm, { correlationId: id, span: 2, parent: 1, action: 'check' }).accepted(0);
    wm.add(5, 'wal.gap', { payload: { records: 3, reason: 'ENOSPC' } }).write();
    const story = await read();
    expect(story.requests.at(0)?.state).toBe('unknown');
    expect(story.truth.conditions).toEqual({ gap: 1 });
  });

  it('is unknown when a later stream of its process says that its stream was lost', async () => {
    const wm = wmStream();
    new RunRecords(wm, { correlationId: id, span: 2, parent: 1, action: 'check' }).accepted(0);
    wm.write();
    new StreamFile(root, 'wm', 'WM2', { header: writtenBy(wmPid), atMs: 50 })
      .add(51, 'wal.gap', { payload: { records: 1, lost_writer_id: wm.writerId } })
      .seal(60)
      .write();
    expect((await only()).state).toBe('unknown');
  });

  it('that was lost and resolved is not open any more', async () => {
    const wm = wmStream();
    const run = new RunRecords(wm, { correlationId: id, span: 2, parent: 1, action: 'check' });
    run.accepted(0).handler(1, 5, 'slow');
    wm.write();
    const later = new StreamFile(root, 'wm', 'WM2', { header: writtenBy(wmPid), atMs: 50 });
    new RunRecords(later, { correlationId: id, span: 2, parent: 1, action: 'check' }).add(
      51,
      'run.resolved',
      { writer_id: wm.writerId, resolution: 'abandoned' },
    );
    later.seal(60).write();
    const story = await read();
    expect(story.requests.at(0)).toMatchObject({ state: 'lost', open: 0, resolution: 'abandoned' });
    expect(openSpans(story.requests)).toEqual([]);
  });

  it('that was cancelled keeps what its handler did after the cancel', async () => {
    const wm = wmStream();
    const run = new RunRecords(wm, { correlationId: id, span: 2, parent: 1, action: 'format' });
    run.accepted(0).handler(1, 5, 'slow').add(2, 'run.cancel_requested', { reason: 'typed on' });
    run.effect(200, 5, '/ws/a.ts', 'ab'.repeat(32)).handlerEnd(201, 5, 'slow', 200);
    run.add(202, 'run.cancelled', { duration_ms: 202, answered: false, error: { code: -32800 } });
    wm.seal(300).write();
    const request = await only();
    expect(request).toMatchObject({ state: 'cancelled', answered: false, effects: 1 });
    expect(request.roots[0]?.cancelRequested).toBe('typed on');
  });

  it('is failed by its own end, not by a failure below that was recovered', async () => {
    const [wm, er] = [wmStream(), erStream()];
    const run = wmRun(wm);
    erRun(er).failed(9, 7, { class: 'Error', message: 'first try' });
    run.completed(10, 10);
    wm.seal(11).write();
    er.seal(12).write();
    expect((await only()).state).toBe('completed');
  });

  it('that failed names the deepest span that failed, and its error', async () => {
    const [wm, er] = [wmStream(), erStream()];
    const run = wmRun(wm);
    const error = { class: 'ExitError', message: 'exit 1' };
    erRun(er).handler(3, 5, 'ruff').handlerEnd(8, 5, 'ruff', 5, error).failed(9, 7, error);
    run.failed(10, 10, { class: 'RunFailed', message: 'lint failed' });
    wm.seal(11).write();
    er.seal(12).write();
    const request = await only();
    expect(request).toMatchObject({ state: 'failed', why: 'ExitError exit 1' });
    expect(request.decidedBy?.name).toBe('ruff');
  });

  it('that ended twice keeps its first end and says that there were two', async () => {
    const wm = wmStream();
    new RunRecords(wm, { correlationId: id, span: 2, parent: 1, action: 'check' })
      .accepted(0)
      .failed(5, 5, { class: 'Error', message: 'first' })
      .completed(9, 9);
    wm.seal(10).write();
    const request = await only();
    expect(request).toMatchObject({ state: 'failed', durationMs: 5 });
    expect(request.roots[0]?.terminals).toBe(2);
  });
});
