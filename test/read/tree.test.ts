import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { effectsOn, readStory, walk, type Request, type Story } from '../../src/read/index.js';
import { correlation, RunRecords, span, StreamFile } from './stream-file.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-read-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const id = correlation('A1B2C3D');

function read(): Promise<Story> {
  return readStory({ roots: [root] });
}

/** `depth name` of every span. */
function drawn(request: Request | undefined): readonly string[] {
  return [...walk(request?.roots ?? [])].map(
    ({ span: one, depth }) => `${depth} ${one.kind} ${one.name}`,
  );
}

describe('names', () => {
  it('of which one half of a character is left stay what they were, and apart', async () => {
    const wm = new StreamFile(root, 'wm', 'WM');
    const run = new RunRecords(wm, { correlationId: id, span: 2, parent: 1, action: 'fix \ud83d' });
    run.accepted(0).handler(1, 3, 'fix \ude00').handler(2, 4, 'fix \ud83d');
    run.handlerEnd(3, 3, 'fix \ude00', 2).handlerEnd(4, 4, 'fix \ud83d', 2).completed(5, 5);
    wm.seal(20).write();
    const { requests } = await read();
    expect(drawn(requests.at(0))).toEqual([
      '0 run fix \ud83d',
      '1 handler fix \ude00',
      '1 handler fix \ud83d',
    ]);
  });
});

describe('requests', () => {
  it('nest ER under WM under ER as one tree', async () => {
    const wm = new StreamFile(root, 'wm', 'WM');
    const er = new StreamFile(root, 'er', 'ER');
    const outer = new RunRecords(wm, { correlationId: id, span: 2, parent: 1, action: 'check' });
    outer.accepted(0).dispatched(1, 3, 'er-a');
    const middle = new RunRecords(er, { correlationId: id, span: 4, parent: 3, action: 'check' });
    middle.accepted(2).handler(3, 5, 'check').dispatched(4, 6, 'wm', 1, 5);
    const inner = new RunRecords(wm, { correlationId: id, span: 7, parent: 6, action: 'lint' });
    inner.accepted(5).dispatched(6, 8, 'er-a');
    const leaf = new RunRecords(er, { correlationId: id, span: 9, parent: 8, action: 'lint' });
    leaf.accepted(7).completed(8, 1);
    inner.completed(9, 4);
    middle.handlerEnd(10, 5, 'check', 7).completed(11, 9);
    outer.completed(12, 12);
    wm.seal(20).write();
    er.seal(20).write();
    const { requests } = await read();
    expect(requests.length).toBe(1);
    expect(drawn(requests.at(0))).toEqual([
      '0 run check',
      '1 dispatch er-a',
      '2 run check',
      '3 handler check',
      '4 dispatch wm',
      '5 run lint',
      '6 dispatch er-a',
      '7 run lint',
    ]);
  });

  it('of one front request that caused two runs are one', async () => {
    const wm = new StreamFile(root, 'wm', 'WM');
    for (const own of [2, 3]) {
      new RunRecords(wm, { correlationId: id, span: own, parent: 1, action: `a${own}` })
        .accepted(own)
        .completed(own + 5, 5);
    }
    wm.seal(20).write();
    const { requests } = await read();
    expect(requests.length).toBe(1);
    expect(requests.at(0)).toMatchObject({ entrySpanId: span(1), what: 'a2 +1', durationMs: 6 });
  });

  it('of one correlation id with two entry spans are two, newest first', async () => {
    const wm = new StreamFile(root, 'wm', 'WM');
    new RunRecords(wm, { correlationId: id, span: 3, parent: 1, action: 'a' }).accepted(0);
    new RunRecords(wm, { correlationId: id, span: 4, parent: 2, action: 'b' }).accepted(1);
    wm.seal(20).write();
    expect([...(await read()).requests].map((request) => request.entrySpanId)).toEqual([
      span(2),
      span(1),
    ]);
  });

  it('without a carrier enter by their own span', async () => {
    const wm = new StreamFile(root, 'wm', 'WM');
    new RunRecords(wm, { correlationId: id, span: 3, action: 'a' }).accepted(0).completed(1, 1);
    wm.seal(20).write();
    expect((await read()).requests.at(0)).toMatchObject({ entrySpanId: span(3), via: undefined });
  });

  it('whose first record is missing are shown from what is left', async () => {
    const wm = new StreamFile(root, 'wm', 'WM');
    const run = new RunRecords(wm, { correlationId: id, span: 2, parent: 1, action: 'check' });
    run.handlerEnd(5, 4, 'ruff', 5).completed(6, 6);
    wm.seal(20).write();
    const [request] = (await read()).requests;
    expect(request).toMatchObject({ state: 'completed', durationMs: 6, what: 'check' });
    expect(request?.roots[0]?.started).toBeUndefined();
    expect(drawn(request)).toEqual(['0 run check', '1 handler ruff']);
  });

  it('whose run is missing altogether are shown as the handler that is left', async () => {
    const er = new StreamFile(root, 'er', 'ER');
    new RunRecords(er, { correlationId: id, span: 2, parent: 1, action: 'check' })
      .handler(4, 4, 'ruff')
      .handlerEnd(5, 4, 'ruff', 1);
    er.seal(20).write();
    const [request] = (await read()).requests;
    expect(request).toMatchObject({ state: 'completed', entrySpanId: span(2) });
  });

  it('whose parents bite their own tail are cut open and shown', async () => {
    const wm = new StreamFile(root, 'wm', 'WM');
    new RunRecords(wm, { correlationId: id, span: 2, parent: 3, action: 'a' }).accepted(0);
    new RunRecords(wm, { correlationId: id, span: 3, parent: 2, action: 'b' }).accepted(1);
    new RunRecords(wm, { correlationId: id, span: 4, parent: 4, action: 'c' }).accepted(2);
    wm.seal(20).write();
    const { requests } = await read();
    expect([...requests].flatMap((request) => drawn(request)).toSorted()).toEqual([
      '0 run a',
      '0 run c',
      '1 run b',
    ]);
  });

  it('as deep as a stream claims do not exhaust the stack', async () => {
    const wm = new StreamFile(root, 'wm', 'WM');
    for (let own = 2; own < 12_000; own += 1) {
      new RunRecords(wm, { correlationId: id, span: own, parent: own - 1, action: 'a' }).accepted(
        own,
      );
    }
    wm.seal(20_000).write();
    expect((await read()).requests.at(0)?.spans).toBe(11_998);
  });

  it('end no earlier than anything below them, whatever the wall clocks say', async () => {
    // The ER's wall clock is five seconds ahead; the merged clock knows better.
    const wm = new StreamFile(root, 'wm', 'WM');
    const er = new StreamFile(root, 'er', 'ER', { skewMs: 5000 });
    const outer = new RunRecords(wm, { correlationId: id, span: 2, parent: 1, action: 'check' });
    outer.accepted(0).dispatched(1, 3, 'er-a');
    new RunRecords(er, { correlationId: id, span: 4, parent: 3, action: 'lint' })
      .accepted(2)
      .completed(8, 6);
    outer.completed(9, 9);
    wm.seal(20).write();
    er.seal(20).write();
    const [request] = (await read()).requests;
    const ends = [...walk(request?.roots ?? [])].flatMap(({ span: one }) => one.ended?.hlc ?? []);
    expect(ends.every((hlc) => hlc <= (request?.ended?.hlc ?? ''))).toBe(true);
    expect(request).toMatchObject({ durationMs: 9, ended: { ts: '2025-11-21T14:02:11.489000Z' } });
  });
});

describe('effects', () => {
  it('name the request that wrote a file, newest first', async () => {
    const er = new StreamFile(root, 'er', 'ER');
    for (const own of [2, 3]) {
      new RunRecords(er, { correlationId: id, span: own, action: `format${own}` })
        .accepted(own * 10)
        .effect(own * 10 + 1, own + 10, '/ws/a.ts', String(own).repeat(64))
        .effect(own * 10 + 2, own + 10, '/ws/b.ts', String(own).repeat(64))
        .completed(own * 10 + 3, 3);
    }
    er.seal(90).write();
    const found = effectsOn((await read()).requests, ['/ws/a.ts']);
    expect(found.map(({ effect, request }) => [request.what, effect.after?.sha256])).toEqual([
      ['format3', '3'.repeat(64)],
      ['format2', '2'.repeat(64)],
    ]);
  });
});
