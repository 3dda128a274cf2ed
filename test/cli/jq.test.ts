/** Every recipe of docs/jq.md prints what the page says, with Debian's jq, from the streams of the golden files. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isInstalled } from '../support/installed.js';
import { bin, plainEnv } from './bin.js';
import { writeJournal } from './journal.js';

const page = readFileSync('docs/jq.md', 'utf8');
const [, preamble = ''] = /```sh\n([^`]*)```/.exec(page) ?? [];
const recipes = [...page.matchAll(/```sh\n([^`]*)```\n\n```text\n([^`]*)```/g)].map(
  ({ index, 1: command = '', 2: output = '' }) => {
    const heading = page
      .slice(0, index)
      .match(/(?<=\n## ).+(?=\n)/g)
      ?.at(-1);
    return { heading, command, output };
  },
);

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tl-jq-'));
  writeJournal(join(directory, '.throughline'));
  const programs = join(directory, 'bin');
  mkdirSync(programs);
  const program = join(programs, 'throughline');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`);
  chmodSync(program, 0o755);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('docs/jq.md', () => {
  it('says of every recipe what it prints', () => {
    expect(recipes.length).toBe(13);
    expect(page.match(/\bjq -[nr]/g)?.length).toBe(recipes.length);
    expect(preamble).toContain('records()');
  });

  it.runIf(isInstalled('jq')).each(recipes)(
    'says what this prints: $heading',
    ({ command, output }) => {
      const ran = spawnSync('sh', ['-c', `${preamble}${command}`], {
        encoding: 'utf8',
        cwd: directory,
        env: {
          ...plainEnv,
          PATH: `${join(directory, 'bin')}:${process.env['PATH']}`,
          THROUGHLINE_ROOT: join(directory, '.throughline'),
        },
      });
      expect(ran.stderr.replace(/^\{"schema":"throughline\.truth\/1".*\}\n$/, '')).toBe('');
      expect(ran.stdout).toBe(output);
    },
  );

  it.runIf(isInstalled('jq'))('reads the file behind one that ends in half a line', () => {
    const torn = join(directory, '.throughline/wal/er');
    mkdirSync(join(torn, 'er-0'), { recursive: true });
    writeFileSync(join(torn, 'er-0', 'wal-000001.jsonl'), '{"sequence":1,"event_ty');
    const count = `${preamble}records | jq -nR '[inputs | fromjson?] | length'`;
    const ran = spawnSync('sh', ['-c', count], { encoding: 'utf8', cwd: directory });
    rmSync(join(torn, 'er-0'), { recursive: true });
    expect(ran.stdout).toBe('45\n');
  });
});
