import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRequests, readStory, type Request } from '../../src/read/index.js';
import { correlation, RunRecords, span, StreamFile } from './stream-file.js';

let requests: readonly Request[] = [];
let root = '';
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tl-read-'));
  const wm = new StreamFile(root, 'wm', 'WM');
  for (const [index, tail] of ['AAAA111', 'BBBB222', 'CBBB222'].entries()) {
    const run = {
      correlationId: correlation(tail),
      span: index + 10,
      parent: index + 1,
      action: tail,
    };
    new RunRecords(wm, run).accepted(index * 10).completed(index * 10 + 1, 1);
  }
  wm.seal(90).write();
  requests = [...(await readStory({ roots: [root] })).requests];
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function found(reference: string): readonly string[] {
  return findRequests(requests, reference).map((request) => request.what);
}

const traceOfA = '019aa88dc8b71fd3906c9a0294a50421';

describe('RUN', () => {
  it.each([
    ['@0', 'CBBB222'],
    ['@-1', 'BBBB222'],
    ['@-2', 'AAAA111'],
    ['@2', 'AAAA111'],
    ['01KAM8VJ5Q3Z9S0V4T0AAAA111', 'AAAA111'],
    ['01kam8vj5q3z9s0v4t0aaaa111', 'AAAA111'],
    ['A111', 'AAAA111'],
    ['aaaa111', 'AAAA111'],
    ['…AAAA111', 'AAAA111'],
    ['CBBB222', 'CBBB222'],
    [span(1), 'AAAA111'],
  ])('%s names one request', (reference, what) => {
    expect(found(reference)).toEqual([what]);
  });

  it('may be a trace id or a traceparent', () => {
    const traceId = traceOfA;
    expect(found(traceId)).toEqual(['AAAA111']);
    expect(found(traceId.toUpperCase())).toEqual(['AAAA111']);
    expect(found(`00-${traceId}-${span(1)}-01`)).toEqual(['AAAA111']);
    expect(found(`00-${traceId}-${'9'.repeat(16)}-01`)).toEqual(['AAAA111']);
  });

  it('that fits several is ambiguous, and the candidates are listed', () => {
    expect(() => found('BBB222')).toThrowError(
      expect.objectContaining({
        code: 'RUN_AMBIGUOUS',
        message: [
          '"BBB222" could be any of 2 requests:',
          '  01KAM8VJ5Q3Z9S0V4T0CBBB222  2025-11-21T14:02:11.500000Z  CBBB222',
          '  01KAM8VJ5Q3Z9S0V4T0BBBB222  2025-11-21T14:02:11.490000Z  BBBB222',
        ].join('\n'),
      }),
    );
  });

  it.each([
    ['@3', 'there is no @3: 3 requests are recorded'],
    ['@x', '"@x" is not @0, @-1, @-2 …'],
    ['111', '"111" is too short: give at least the last 4 characters of the id'],
    ['01KAM8', 'no recorded request is "01KAM8"'],
    ['not an id', 'no recorded request is "not an id"'],
    ['', 'no recorded request is ""'],
  ])('%s names none', (reference, message) => {
    expect(() => found(reference)).toThrowError(
      expect.objectContaining({ code: 'RUN_NOT_FOUND', message }),
    );
  });
});
