import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRequests, readRequests, readStory, walk, type Request } from '../../src/read/index.js';
import { hereWith, writtenBy } from './here.js';
import { correlation, RunRecords, span, StreamFile } from './stream-file.js';

let root = '';
let wm: StreamFile;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-lookup-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const id = correlation('A1B2C3D');
const other = correlation('B1B2C3D');

/** Two requests over two streams, and a third stream that has neither. */
function write(end: 'ended' | 'open' = 'ended'): void {
  wm = new StreamFile(root, 'wm', 'WM', { header: writtenBy(10) });
  const er = new StreamFile(root, 'er', 'ER', { header: writtenBy(20) });
  for (const [index, correlationId] of [id, other].entries()) {
    const at = index * 100;
    const base = index * 10;
    const asked = new RunRecords(wm, {
      correlationId,
      span: base + 2,
      parent: base + 1,
      action: 'check',
    });
    asked.accepted(at).dispatched(at + 1, base + 3, 'er-lint');
    const ran = new RunRecords(er, {
      correlationId,
      span: base + 4,
      parent: base + 3,
      action: 'lint',
    });
    ran.accepted(at + 2).handler(at + 3, base + 5, 'oxlint');
    if (end === 'open') continue;
    ran
      .effect(at + 4, base + 5, '/ws/a.ts', 'aa')
      .handlerEnd(at + 8, base + 5, 'oxlint', 5)
      .completed(at + 9, 7);
    asked.completed(at + 10, 10);
  }
  if (end === 'ended') {
    wm.seal(300);
    er.seal(300);
  }
  wm.write();
  er.write();
  new StreamFile(root, 'er', 'EX', { header: writtenBy(30) }).seal(1).write();
}

const here = hereWith(10, 20);

async function lookUp(reference: string): Promise<readonly Request[]> {
  return (await readRequests({ roots: [root], here }, reference)).requests;
}

/** All that is said of a request but the streams, of which a search knows less. */
function told(requests: readonly Request[]): unknown {
  return requests.map(({ streams, roots, decidedBy, ...request }) => ({
    ...request,
    streams: streams.map(({ writerId }) => writerId),
    decidedBy: decidedBy?.spanId,
    spans: [...walk(roots)].map(({ span: { children, ...one } }) => [one, children.length]),
  }));
}

describe('looking up one request', () => {
  it.each([
    ['its id', id],
    ['its trace id', '019aa88dc8b71fd3906c9a0028450c8d'],
    ['the end of its id', 'a1b2c3d'],
    ['its entry span', span(1)],
    ['a place in the list', '@-1'],
  ])('by %s says what the whole story says', async (_name, reference) => {
    write();
    const story = await readStory({ roots: [root], here });
    const expected = findRequests(story.requests, id);
    expect(expected).toHaveLength(1);
    const known = reference.length === 32 ? [expected[0]?.traceId ?? ''] : [reference];
    expect(told(await lookUp(known[0] ?? ''))).toEqual(told(expected));
  });

  it('checks what it finds, and says how many streams it has only searched', async () => {
    write();
    const { story } = await readRequests({ roots: [root], here }, id);
    expect(story.truth).toMatchObject({ streams: 3, searched: 3, conditions: {} });
  });

  it('reads the streams of what is open through, and has the state of it from them', async () => {
    write('open');
    const { story, requests } = await readRequests({ roots: [root], here }, id);
    expect(requests).toMatchObject([{ state: 'in_flight', open: 3 }]);
    expect(story.truth).toMatchObject({ streams: 3, searched: 1, conditions: { live: 2 } });
  });

  it('knows of a stream that broke off what the next one of its process says of it', async () => {
    write('open');
    const next = new StreamFile(root, 'er', 'ZZ', { header: writtenBy(20), atMs: 400 });
    const payload = { records: 2, reason: 'full', lost_writer_id: `er-${correlation('ER')}` };
    next.add(401, 'wal.gap', { payload }).seal(500).write();
    const whole = await readStory({ roots: [root], here });
    const expected = findRequests(whole.requests, id);
    const open = [...walk(expected[0]?.roots ?? [])].map(({ span: { state } }) => state);
    expect(open).toContain('unknown');
    const found = await lookUp(id);
    expect(told(found)).toEqual(told(expected));
  });

  it('tells of a line with the id that is torn or damaged', async () => {
    write();
    appendFileSync(wm.file, `{"schema_version":2,"sequence":99,"correlation_id":"${id}"`);
    const bytes = readFileSync(wm.file, 'latin1').replace('er-lint', 'er-link');
    writeFileSync(wm.file, bytes, 'latin1');
    const { story } = await readRequests({ roots: [root], here }, id);
    const faults = story.streams.flatMap((stream) => stream.faults.map(({ verdict }) => verdict));
    expect(faults.toSorted()).toEqual(['CORRUPT', 'TORN']);
    expect(story.truth.conditions).toEqual({ damaged: 1 });
  });

  it('finds nothing with the code for that', async () => {
    write();
    await expect(lookUp(correlation('ZZZZZZZ'))).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
      message: expect.stringContaining('searched, not checked: `throughline verify`'),
    });
    await expect(lookUp('1b2c3d')).rejects.toMatchObject({ code: 'RUN_AMBIGUOUS' });
  });
});
