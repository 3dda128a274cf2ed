/** What it costs an agent to find out why a large run failed, and that it is the outline that a person gets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { correlation, RunRecords, StreamFile } from '../../read/stream-file.js';
import { generateWide } from '../../support/generate.mjs';
import { throughline } from '../bin.js';
import { dataOf, listIn, startAgent, type Agent, type Json } from './client.js';

const bytesMax = 1000;

/** Processes start slowly on a busy machine. */
const startMsMax = 30_000;

let scratch = '';
let wide = '';
let varied = '';
let id = '';
let agent: Agent;
let other: Agent;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'tl-agent-'));
  [wide, varied] = [join(scratch, 'wide'), join(scratch, 'varied')];
  ({ correlationId: id } = generateWide(wide));
  writeVaried(varied);
  [agent, other] = await Promise.all([
    startAgent({ roots: [wide] }),
    startAgent({ roots: [varied] }),
  ]);
}, startMsMax);
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  rmSync(scratch, { recursive: true, force: true });
});

/** The handler's own error, different from that of the runs above it. */
const cause = { class: 'ExitError', message: 'module_400.py:17: undefined name "frobnicate"' };

/** 498 spans under one failed run: handlers of 497 names, of which one failed with an error of its own. */
function writeVaried(root: string): void {
  const er = new StreamFile(root, 'er', 'E001');
  const top = new RunRecords(er, {
    correlationId: correlation('6T3MZQ9'),
    span: 2,
    parent: 1,
    action: 'lint',
  });
  top.accepted(0);
  for (let own = 0; own < 497; own += 1) {
    const name = `lint src/a/rather/long/path/to/a/module_${own}.py`;
    const error = own === 400 ? cause : undefined;
    top.handler(own + 1, own + 10, name).handlerEnd(own + 1, own + 10, name, 1, error);
  }
  top.failed(2000, 2000, { class: 'RunFailed', message: 'lint failed' });
  er.seal(2100).write();
}

function outlineLines(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('> '))
    .map((line) => line.slice(2));
}

describe('a failed request of 498 spans', () => {
  it.each([
    ['of which many are alike', () => agent, '1 exit 1'],
    ['of 497 names', () => other, 'ExitError module_400.py:17: undefined name "frobnicate"'],
  ] as const)(
    '%s costs at most 1,000 bytes for the outline, and the one call that it names has the cause',
    async (_, of, error) => {
      const listed = await of().ask('list_runs');
      const outline = await of().make(listed.next[0]);
      expect(outline.text).toMatch(/omitted: 49\d of 498 spans folded/);
      expect(Buffer.byteLength(outline.text)).toBeLessThanOrEqual(bytesMax);
      // Clients that show models the object instead pay no more.
      expect(Buffer.byteLength(JSON.stringify(outline.structured))).toBeLessThanOrEqual(bytesMax);

      // An agent that has only the text reads the same call there.
      const [, tool, given] = /^next: (\w+) (\{.*\})$/m.exec(outline.text) ?? [];
      expect(outline.next[0]).toEqual({ tool, arguments: JSON.parse(given ?? '') });
      const answered = await of().make(outline.next[0]);
      expect(dataOf(answered.structured['span'])['error']).toBe(error);
    },
  );

  it('has the outline that `throughline show` prints, line by line, with handles behind what can be unfolded', async () => {
    const { text } = await agent.ask('run_outline', { run: id });
    const { stdout } = throughline(['show', id, '--utc', '--root', wide]);
    const printed = stdout.trimEnd().split('\n').slice(0, -2);
    const lines = outlineLines(text);
    expect(lines.length).toBe(6);
    expect(lines.map((line) => line.replace(/ {2}~[0-9a-f]{6}\*?$/, ''))).toEqual(printed);
    expect(lines.filter((line) => /~[0-9a-f]{6}$/.test(line))).toHaveLength(5);
  });

  it('unfolds by its handles: all spans behind a line, page by page', async () => {
    const { text } = await agent.ask('run_outline', { run: id });
    const line = outlineLines(text).find((one) => one.includes('handler ruff_format ×60')) ?? '';
    const [fold] = /~[0-9a-f]+$/.exec(line) ?? [];
    const spans: Json[] = [];
    let answered = await agent.ask('expand', { run: id, fold, limit: 50 });
    expect(answered.structured['omitted']).toEqual(['10 more spans']);
    spans.push(...listIn(answered, 'spans'));
    answered = await agent.make(answered.next[0]);
    expect(answered.structured['truncated']).toBe(false);
    spans.push(...listIn(answered, 'spans'));
    expect(new Set(spans.map((span) => span['span'])).size).toBe(60);
    expect(new Set(spans.map((span) => dataOf(span)['name']))).toEqual(
      new Set(['handler ruff_format']),
    );
    expect(new Set(spans.map((span) => span['state']))).toEqual(new Set(['completed']));
  });

  it('unfolds a line of siblings of many names', async () => {
    const { text } = await other.ask('run_outline', { run: '6T3MZQ9' });
    const line = outlineLines(text).find((one) => one.includes('496 handlers')) ?? '';
    const [fold] = /~[0-9a-f]+\*$/.exec(line) ?? [];
    const answered = await other.ask('expand', { run: '6T3MZQ9', fold, limit: 50 });
    expect(answered.structured['omitted']).toEqual(['446 more spans']);
    expect(new Set(listIn(answered, 'spans').map((span) => dataOf(span)['name'])).size).toBe(50);
  });

  it('with focus failed is only the way to what failed', async () => {
    const { text } = await other.ask('run_outline', { run: '6T3MZQ9', focus: 'failed' });
    const lines = outlineLines(text).map((line) => line.replace(/ {2,}.*/, ''));
    expect(lines.slice(1)).toEqual([
      '✗ run lint [er]',
      '└ ✗ handler lint src/a/rather/long/path/to/a/module_400.py',
    ]);
    expect(text).toContain('omitted: 496 of 498 spans folded');
  });

  it('with focus critical is the steps that the time went to', async () => {
    const { text } = await agent.ask('run_outline', { run: id, focus: 'critical' });
    const { stdout } = throughline(['critical-path', id, '--utc', '--root', wide]);
    expect(stdout).toContain(outlineLines(text).join('\n'));
    expect(outlineLines(text).length).toBeGreaterThan(4);
  });

  it.each([100, 150, 400, 8000])('keeps to a budget of %i tokens', async (budget_tokens) => {
    const { text } = await other.ask('run_outline', { run: '6T3MZQ9', budget_tokens });
    const lines = outlineLines(text);
    // At least the header and one line are there, and handles are not counted.
    expect(Buffer.byteLength(lines.join('\n'))).toBeLessThanOrEqual(budget_tokens * 4 + 200);
    expect(lines.length).toBeGreaterThanOrEqual(2);
  });

  it('has more lines for who asks for more than usual', async () => {
    const usual = await other.ask('run_outline', { run: '6T3MZQ9' });
    const more = await other.ask('run_outline', { run: '6T3MZQ9', budget_tokens: 8000 });
    expect(Buffer.byteLength(usual.text)).toBeLessThanOrEqual(bytesMax);
    expect(more.text.length).toBeGreaterThanOrEqual(usual.text.length);
  });
});
