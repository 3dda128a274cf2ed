/** What an agent is told before it asks, and that every tool answers in the form that it was told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { helpForAll } from '../../../src/cli/help.js';
import { commands } from '../../../src/cli/table.js';
import { correlation, RunRecords, StreamFile } from '../../read/stream-file.js';
import { writeJournal } from '../journal.js';
import { dataOf, listIn, startAgent, type Agent, type Json } from './client.js';

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

describe('what an agent is told', () => {
  it('is as agreed: a change of it is a change of the contract', async () => {
    const { tools } = await agent.client.listTools();
    const { resourceTemplates } = await agent.client.listResourceTemplates();
    const told = {
      instructions: agent.client.getInstructions()?.split('\n'),
      tools,
      resourceTemplates,
    };
    await expect(`${JSON.stringify(told, null, 2)}\n`).toMatchFileSnapshot(
      '../../golden/cli/agent.json',
    );
  });

  it('costs at most 6,000 bytes without the schemas of answers, which models are not shown', async () => {
    const { tools } = await agent.client.listTools();
    const shown = tools.map(({ name, description, inputSchema }) => [
      name,
      description,
      inputSchema,
    ]);
    expect(Buffer.byteLength(JSON.stringify(shown))).toBeLessThanOrEqual(6000);
    expect(Buffer.byteLength(agent.client.getInstructions() ?? '')).toBeLessThanOrEqual(1500);
  });

  it('has nine tools that only read, each with a JSON Schema for both directions', async () => {
    const { tools } = await agent.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'list_runs',
      'run_outline',
      'expand',
      'get_records',
      'in_flight',
      'who',
      'reconcile',
      'compare',
      'verify',
    ]);
    const ajv = new Ajv2020({ strict: true, strictTypes: false, allowUnionTypes: true });
    ajv.addFormat('date-time', true);
    for (const { annotations, inputSchema, outputSchema } of tools) {
      expect(annotations).toEqual({
        readOnlyHint: true,
        openWorldHint: false,
      });
      ajv.compile(inputSchema);
      ajv.compile(outputSchema ?? false);
    }
  });

  it('names the way to go', () => {
    expect(agent.client.getInstructions()).toContain(
      'list_runs → run_outline → expand → get_records',
    );
  });

  it('is hinted at by the help of all commands', () => {
    expect(helpForAll(commands)).toContain(
      'For an agent: throughline show @0 is an outline, throughline mcp a server.\n',
    );
  });
});

const asked: readonly (readonly [tool: string, given: Json])[] = [
  ['list_runs', {}],
  ['list_runs', { filter: { failed: true, match: ['via=lsp'] }, limit: 50 }],
  ['run_outline', { run: 'R8Y2XEW' }],
  ['run_outline', { run: '@0', focus: 'failed' }],
  ['run_outline', { run: 'R8Y2XEW', focus: 'critical', budget_tokens: 100 }],
  ['expand', { run: 'R8Y2XEW', span: '0000000000000012' }],
  ['expand', { run: 'R8Y2XEW', fold: '~000020' }],
  ['get_records', { run: 'R8Y2XEW', limit: 3 }],
  ['get_records', { span: '0000000000000033', fields: ['event_type', 'payload.path'] }],
  ['in_flight', {}],
  ['who', { path: '/ws/src/a.ts' }],
  ['who', { path: '/ws/src/nobody.ts' }],
  ['reconcile', {}],
  ['compare', { a: 'R8Y2XEW', b: '6T3MZQ9' }],
  ['verify', {}],
];

describe('every answer', () => {
  it.each(asked)(
    'of %s %j has the form of its schema, and the members that all have',
    async (tool, given) => {
      const answered = await agent.ask(tool, given);
      expect(answered.isError).toBe(false);
      const { truncated, omitted, next, truth } = answered.structured as {
        truncated: boolean;
        omitted: readonly string[];
        next: unknown;
        truth: string;
      };
      expect(truncated).toBe(omitted.length > 0);
      expect(next).toBeInstanceOf(Array);
      expect(truth).toMatch(/^4 streams/);
      // The calls that it names can be made.
      for (const call of answered.next) expect((await agent.make(call)).isError).toBe(false);
    },
  );

  it('whose text is no outline is the same object as text', async () => {
    const { text, structured } = await agent.ask('list_runs', { limit: 2 });
    expect(JSON.parse(text)).toEqual(structured);
  });
});

describe('a run that is named by its place', () => {
  it.each([
    ['run_outline', { run: '@0' }],
    ['expand', { run: '@5', span: '0000000000000042', limit: 1 }],
    ['get_records', { run: '@0', limit: 1 }],
    ['compare', { a: '@6', b: '@5', limit: 1 }],
  ] as const)(
    'has its own name in what %s %j names next: the place is another one by then',
    async (tool, given) => {
      const { next } = await agent.ask(tool, given);
      expect(next.length).toBeGreaterThan(0);
      expect(JSON.stringify(next)).not.toContain('@');
    },
  );

  it('is named by its id where it was asked for by that, and by its own where others share the id', async () => {
    const run = '01KAM8VJ5Q3Z9S0V4T06T3MZQ9';
    const { next } = await agent.ask('run_outline', { run });
    expect(next).toEqual([{ tool: 'expand', arguments: { run, span: '0000000000000045' } }]);
  });
});

describe('an answer', () => {
  it('is at most about 48 KiB, and the item that does not fit begins the next page', async () => {
    const large = mkdtempSync(join(tmpdir(), 'tl-agent-'));
    try {
      const er = new StreamFile(large, 'er', 'E001');
      const common = { correlationId: correlation('6T3MZQ9'), span: 2, parent: 1, action: 'lint' };
      const run = new RunRecords(er, common).accepted(0);
      const texts = Object.fromEntries(
        Array.from({ length: 10 }, (_, at) => [`t${at}`, 'x'.repeat(2000)]),
      );
      for (let at = 1; at < 6; at += 1) run.add(at, 'run.noted', texts);
      // Alone more than an answer holds.
      const many = Array.from({ length: 60 }, () => 'y'.repeat(2000));
      run.add(6, 'run.noted', { many }).completed(9, 9);
      er.seal(10).write();
      await using other = await startAgent({ roots: [large] });
      const sizes: number[] = [];
      let [records, answered] = [0, await other.ask('get_records', { run: '@0', limit: 50 })];
      for (;;) {
        sizes.push(Buffer.byteLength(answered.text));
        records += listIn(answered, 'records').length;
        if (answered.next.length === 0) break;
        answered = await other.make(answered.next[0]);
      }
      expect(records).toBe(8);
      expect(sizes.length).toBe(5);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(50_000);
    } finally {
      rmSync(large, { recursive: true });
    }
  });
});

describe('the tools', () => {
  it('list_runs: the newest first, filtered, a page at a time and nothing twice', async () => {
    const first = await agent.ask('list_runs', { limit: 3 });
    expect(listIn(first, 'runs').map((run) => String(run['run']).slice(-7))).toEqual([
      '0PW4K1D',
      '9G7XJ2C',
      'CCCC333',
    ]);
    expect(first.structured['omitted']).toEqual(['4 more runs']);
    const page = first.next.find(({ tool }) => tool === 'list_runs');
    const second = await agent.make(page);
    expect(listIn(second, 'runs').map((run) => String(run['run']).slice(-7))).toEqual([
      'BBBB222',
      'AAAA111',
      '6T3MZQ9',
    ]);
    const failed = await agent.ask('list_runs', { filter: { failed: true } });
    expect(listIn(failed, 'runs').map((run) => run['state'])).toEqual([
      'lost',
      'failed',
      'rejected',
      'failed',
    ]);
    const none = await agent.ask('list_runs', { filter: { match: ['client=nobody'] } });
    expect(none.structured).toMatchObject({
      runs: [],
      truncated: false,
      next: [{ tool: 'list_runs', arguments: {} }],
    });
  });

  it('in_flight: what is open, with its verdict, and that it is worth reconciling', async () => {
    const answered = await agent.ask('in_flight');
    expect(listIn(answered, 'open').map((one) => [one['state'], dataOf(one)['name']])).toEqual([
      ['lost', 'handler slow_format'],
      ['unknown', 'run typecheck'],
    ]);
    expect(answered.next.map(({ tool }) => tool)).toEqual(['expand', 'reconcile']);
  });

  it('who: the run and the span that wrote a file, and what became of the file', async () => {
    const answered = await agent.ask('who', { path: '/ws/src/a.ts' });
    expect(listIn(answered, 'writes')).toMatchObject([
      {
        run: '01KAM8VJ5Q3Z9S0V4T0R8Y2XEW',
        span: '0000000000000033',
        state: 'completed',
        now: 'gone',
        data: { path: '/ws/src/a.ts', change: 'modified', name: 'handler oxfmt' },
      },
    ]);
  });

  it('get_records: all records of a run, page by page, each once and in causal order', async () => {
    const found: Json[] = [];
    let answered = await agent.ask('get_records', { run: 'R8Y2XEW', limit: 4 });
    for (;;) {
      found.push(...listIn(answered, 'records'));
      if (answered.next.length === 0) break;
      answered = await agent.make(answered.next[0]);
    }
    expect(found.length).toBe(21);
    const keys = found.map(
      (one) => `${String(dataOf(one)['writer_id'])} ${String(one['sequence'])}`,
    );
    expect(new Set(keys).size).toBe(found.length);
    const times = found.map((one) => Date.parse(String(one['at'])));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(dataOf(found[0])['event_type']).toBe('run.accepted');
  });

  it('get_records: a cursor alone goes on, and fields picks members', async () => {
    const fields = ['event_type', 'payload.handler'];
    const first = await agent.ask('get_records', { run: 'R8Y2XEW', limit: 4, fields });
    const { cursor } = first.next[0]?.arguments ?? {};
    const second = await agent.ask('get_records', { cursor, limit: 1, fields });
    expect(listIn(first, 'records').map((one) => dataOf(one))).toEqual([
      { event_type: 'run.accepted' },
      { event_type: 'run.dispatched' },
      { event_type: 'run.accepted' },
      { event_type: 'handler.started', 'payload.handler': 'oxlint' },
    ]);
    expect(listIn(second, 'records').map((one) => dataOf(one))).toEqual([
      { event_type: 'handler.completed', 'payload.handler': 'oxlint' },
    ]);
  });

  it('reconcile: the contradiction, with its proof and what it means', async () => {
    const answered = await agent.ask('reconcile');
    expect(answered.structured['findings']).toEqual([
      {
        finding: 'orphan_parent',
        recovery: 'unknown',
        run: '01KAM8VJ5Q3Z9S0V4T09G7XJ2C',
        request: '0000000000000081',
        span: '0000000000000082',
        untrusted: true,
        data: {
          message:
            'run format names span 0000000000000081 as its cause; the attempt is in no stream that was read',
          because: 'the stream that holds its cause is not here, or lost it',
          records: [
            {
              writer: 'er-01KAM8VJ5Q3Z9S0V4T0000E002',
              sequence: 2,
              event: 'run.accepted',
              ts: '2025-11-21T14:02:16.480000Z',
              file: 'wal-000001.jsonl',
              offset: 275,
            },
          ],
        },
      },
    ]);
    expect(answered.next).toEqual([
      { tool: 'run_outline', arguments: { run: '0000000000000081' } },
    ]);
  });

  it('compare: what only one of two runs has', async () => {
    const answered = await agent.ask('compare', { a: 'R8Y2XEW', b: '6T3MZQ9' });
    expect(answered.structured).toMatchObject({
      a: { run: '01KAM8VJ5Q3Z9S0V4T0R8Y2XEW', state: 'completed' },
      b: { run: '01KAM8VJ5Q3Z9S0V4T06T3MZQ9', state: 'failed' },
      differs: true,
    });
    const names = listIn(answered, 'differences').map((one) => [
      one['change'],
      dataOf(one)['name'],
    ]);
    expect(names).toContainEqual(['removed', 'run check']);
    expect(names).toContainEqual(['added', 'run format']);
  });

  it('verify: every stream, and the damaged ones first', async () => {
    // The seals of this journal hold no sum of what they seal.
    const answered = await agent.ask('verify');
    expect(answered.structured).toMatchObject({
      damaged: 3,
      truth: '4 streams verified, 3 damaged',
    });
    const streams = listIn(answered, 'streams');
    expect(streams.map((one) => one['result'])).toEqual([
      'damaged',
      'damaged',
      'damaged',
      'as_written',
    ]);
    expect(dataOf(streams[0])['faults']).toHaveLength(1);
  });
});
