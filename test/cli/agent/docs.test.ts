/** The examples in docs/agents.md are what the tools answer: the test writes them (UPDATE_GOLDEN=1) and compares them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generateWide } from '../../support/generate.mjs';
import { writeJournal } from '../journal.js';
import {
  callTextOf,
  startAgent,
  type Agent,
  type Answered,
  type Json,
  type NextCall,
} from './client.js';

const page = 'docs/agents.md';
const example = /<!-- example: (?:(next)|(\w+) (\{.*\})) -->\n[^]*?<!-- end -->/g;

function block(call: string, answered: Answered): string {
  const isJson = answered.text.startsWith('{');
  const text = isJson ? JSON.stringify(answered.structured, null, 2) : answered.text;
  return `\n\`${call}\`\n\n\`\`\`${isJson ? 'json' : 'text'}\n${text}\n\`\`\`\n\n`;
}

/** The formatter breaks lines of JSON as it likes. */
function plain(text: string): string {
  return text.replace(/```json\n([^]*?)```/g, (_, json: string) =>
    JSON.stringify(JSON.parse(json)),
  );
}

it('the examples of docs/agents.md are what an agent gets, and its two calls lead to the cause', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'tl-agent-'));
  try {
    const [wide, small] = [join(scratch, 'wide'), join(scratch, 'small')];
    const { correlationId } = generateWide(wide);
    writeJournal(small);
    await using large = await startAgent({ roots: [wide] });
    await using agent = await startAgent({ roots: [small] });
    const of = ({ tool, arguments: given }: NextCall): Agent =>
      given['run'] === correlationId || tool === 'verify' ? large : agent;
    const text = readFileSync(page, 'utf8');
    let made = text;
    let last: Answered | undefined;
    for (const [whole, next, tool = '', json = '{}'] of text.matchAll(example)) {
      const call =
        next === undefined
          ? { tool, arguments: JSON.parse(json) as Json }
          : (last?.next[0] ?? { tool: 'none', arguments: {} });
      last = await of(call).make(call);
      const head = whole.slice(0, whole.indexOf('\n'));
      made = made.replace(
        whole,
        () => `${head}\n${block(callTextOf(call), last as Answered)}<!-- end -->`,
      );
    }
    expect(last?.isError).toBe(true);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(page, made);
    else expect(plain(text)).toBe(plain(made));
    expect(made).toContain('"error": "1 exit 1"');
  } finally {
    rmSync(scratch, { recursive: true });
  }
});
