/** Wrong calls get a sentence that says how to ask instead, as an error of the tool, which a model reads. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { correlation, RunRecords, StreamFile } from '../../read/stream-file.js';
import { writeJournal } from '../journal.js';
import { startAgent, type Agent, type Json } from './client.js';

/** Processes start slowly on a busy machine. */
const startMsMax = 30_000;

let root = '';
let agent: Agent;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tl-agent-'));
  writeJournal(root);
  agent = await startAgent({ roots: [root] });
}, startMsMax);
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

const read = '4 streams: 3 complete, 1 torn · 1 attempt at a runner in no stream read';
const newest = [
  '01KAM8VJ5Q3Z9S0V4T00PW4K1D (unknown, 2025-11-21T14:02:18.480Z)',
  '01KAM8VJ5Q3Z9S0V4T09G7XJ2C (lost, 2025-11-21T14:02:16.480Z)',
  '01KAM8VJ5Q3Z9S0V4T0CCCC333 (failed, 2025-11-21T14:02:15.480Z)',
  '01KAM8VJ5Q3Z9S0V4T0BBBB222 (cancelled, 2025-11-21T14:02:14.480Z)',
].join('; ');
const list = '\nnext: list_runs {}';

const wrong: readonly (readonly [tool: string, given: Json, sentence: string])[] = [
  ['list_runs', { limit: 500 }, 'limit must be 1–50, got 500'],
  ['list_runs', { limit: 0 }, 'limit must be 1–50, got 0'],
  ['list_runs', { limit: 2.5 }, 'limit must be 1–50, got 2.5'],
  ['list_runs', { limit: '5' }, 'limit must be 1–50, got "5"'],
  ['get_records', { run: '@0', limit: 51 }, 'limit must be 1–50, got 51'],
  ['list_runs', { limt: 5 }, '"limt" is no argument of list_runs: it takes filter, limit, cursor'],
  ['list_runs', { state: 'failed' }, '"state" is no argument of list_runs: it is one of filter'],
  [
    'list_runs',
    { filter: { match: ['action=format'] } },
    'no field of a run is called "action": there are correlation_id, trace_id, entry_span_id, state, why, started, ended, duration_ms, via, client, what, spans, open, lost, unknown, streams, records, effects, effects_inferred, answered, resolution, links.trace_id, links.span_id, last.event, last.ts, join, candidates.trace_id, candidates.span_id, end_inferred',
  ],
  ['list_runs', { filter: 'failed' }, 'filter takes an object of arguments, got "failed"'],
  [
    'list_runs',
    { filter: { status: 'failed' } },
    '"status" is no argument of filter: it takes state, failed, since, until, match',
  ],
  [
    'list_runs',
    { filter: { state: 'broken' } },
    'state must be one of completed, failed, cancelled, rejected, in_flight, lost, unknown, got "broken"',
  ],
  [
    'list_runs',
    { filter: { since: 'tea' } },
    'since takes 10m, 2h, 1d (ago), a time such as 2026-11-21T14:00, or a clock reading, not "tea"',
  ],
  [
    'list_runs',
    { filter: { match: ['failed'] } },
    'match must be FIELD=VALUE, such as via=mcp or what=format, got "failed"',
  ],
  [
    'list_runs',
    { cursor: 'next' },
    'cursor "next" is not one that this call gave, or what it stood behind is gone: leave it out to begin again',
  ],
  [
    'in_flight',
    { cursor: 'x' },
    'cursor "x" is not one that this call gave, or what it stood behind is gone: leave it out to begin again',
  ],
  [
    'run_outline',
    {},
    'run_outline needs run: a run id or its last 4 or more characters, a request id, a traceparent, or @0 (the newest), @-1 …',
  ],
  ['run_outline', { run: '' }, 'run is empty: leave it out instead'],
  ['run_outline', { run: 7 }, 'run must be a text, got 7'],
  ['run_outline', { run: 'x'.repeat(301) }, 'run must be at most 300 characters, got 301'],
  [
    'run_outline',
    { run: '@0', focus: 'error' },
    'focus must be one of failed, critical, all, got "error"',
  ],
  ['run_outline', { run: '@0', budget_tokens: 99 }, 'budget_tokens must be 100–8000, got 99'],
  [
    'run_outline',
    { run: '\u001b[31mred\nnext: verify {}' },
    `no recorded run is "\\u001b[31mred\\nnext: verify {}" (${read}). The newest are: ${newest}${list}`,
  ],
  [
    'run_outline',
    { run: '9G7XJ2D' },
    `no recorded run is "9G7XJ2D" (${read}). Did you mean: 01KAM8VJ5Q3Z9S0V4T09G7XJ2C (lost, 2025-11-21T14:02:16.480Z)${list}`,
  ],
  [
    'run_outline',
    { run: '@77' },
    `no recorded run is "@77" (${read}). The newest are: ${newest}${list}`,
  ],
  [
    'expand',
    { run: 'R8Y2XEW' },
    'expand takes span or fold, one of them: run_outline shows both as ~handles',
  ],
  [
    'expand',
    { run: 'R8Y2XEW', span: 'ab' },
    '"ab" is no span id, and no ~handle of 6 or more characters. run_outline shows the handles\nnext: run_outline {"run":"01KAM8VJ5Q3Z9S0V4T0R8Y2XEW"}',
  ],
  [
    'expand',
    { run: 'R8Y2XEW', span: '~ffffff' },
    '"~ffffff" is not in this run. run_outline shows the handles\nnext: run_outline {"run":"01KAM8VJ5Q3Z9S0V4T0R8Y2XEW"}',
  ],
  ['get_records', {}, `get_records needs run, span or cursor: list_runs names the runs${list}`],
  [
    'get_records',
    { span: '~000012' },
    'span must be a whole id (16 hex digits) where run is not given, got "~000012"',
  ],
  ['get_records', { span: 'ffffffffffffffff' }, `no record is of span ffffffffffffffff${list}`],
  [
    'get_records',
    { run: '@0', fields: ['payload error'] },
    'fields must be members such as event_type or payload.error, got "payload error"',
  ],
  ['who', { path: 'src/a.ts' }, 'path must be absolute, got "src/a.ts"'],
  [
    'compare',
    { a: '@0' },
    'compare needs b: a run id or its last 4 or more characters, a request id, a traceparent, or @0 (the newest), @-1 …',
  ],
];

describe('a call that cannot be answered', () => {
  it.each(wrong)('%s %j says how to ask', async (tool, given, sentence) => {
    expect(await agent.ask(tool, given)).toMatchObject({
      isError: true,
      text: sentence,
      structured: {},
    });
  });

  it('of no tool is an error of the protocol that names the tools', async () => {
    await expect(agent.ask('run_away')).rejects.toThrow(
      'no tool is called "run_away": there are list_runs, run_outline, expand, get_records, in_flight, who, reconcile, compare, verify',
    );
  });

  it('with null for what it leaves out is as if it had left it out', async () => {
    const answered = await agent.ask('list_runs', { filter: null, limit: 1, cursor: null });
    expect(answered.structured).toMatchObject({ omitted: ['6 more runs'] });
  });

  it('by an end that several ids share gets them', async () => {
    const shared = mkdtempSync(join(tmpdir(), 'tl-agent-'));
    try {
      const er = new StreamFile(shared, 'er', 'E001');
      for (const [own, tail] of [
        [2, 'AAAX2EW'],
        [4, 'BBBX2EW'],
      ] as const) {
        const run = { correlationId: correlation(tail), span: own, parent: own - 1 };
        new RunRecords(er, { ...run, action: 'lint' }).accepted(own).completed(own + 1, 1);
      }
      er.seal(9).write();
      await using other = await startAgent({ roots: [shared] });
      expect(await other.ask('run_outline', { run: 'x2ew' })).toMatchObject({
        isError: true,
        text: `"x2ew" is the end of several run ids (1 stream: 1 complete). Give one of: 01KAM8VJ5Q3Z9S0V4T0BBBX2EW (completed, 2025-11-21T14:02:11.484Z); 01KAM8VJ5Q3Z9S0V4T0AAAX2EW (completed, 2025-11-21T14:02:11.482Z)${list}`,
      });
    } finally {
      rmSync(shared, { recursive: true });
    }
  });
});

describe('a root', () => {
  it('that is not there is said by every tool, none of which shows an empty list for it', async () => {
    const missing = join(root, 'missing');
    await using lost = await startAgent({ roots: [missing] });
    for (const [tool, given] of [
      ['list_runs', {}],
      ['in_flight', {}],
      ['reconcile', {}],
      ['who', { path: '/a' }],
    ] as const) {
      expect(await lost.ask(tool, given), tool).toMatchObject({
        isError: true,
        text: `there is nothing to read, so nothing can be said: ${missing} does not exist. A recorder writes there once a host with the hook has run; another place is named where this server is started (throughline mcp --root DIR)`,
      });
    }
  });
});
