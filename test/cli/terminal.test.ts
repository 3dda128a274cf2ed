/** On a real terminal: the pager, colours, widths. `script` of util-linux makes one. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pagerCommand } from '../../src/cli/reading.js';
import { widthOf } from '../../src/cli/text.js';
import { isThere } from '../shell/terminal.js';
import { bin, plainEnv, throughline } from './bin.js';
import { writeJournal } from './journal.js';

let scratch = '';
let root = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tl-terminal-'));
  root = join(scratch, 'root');
  writeJournal(root);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What appears on a terminal of that width. */
function onScreen(columns: number, args: string, env: NodeJS.ProcessEnv = {}): string {
  const command = `stty cols ${columns}; exec ${process.execPath} ${bin} ${args} --root ${root}`;
  const ran = spawnSync('script', ['-qec', command, '/dev/null'], {
    encoding: 'utf8',
    env: { ...plainEnv, TERM: 'xterm', PAGER: 'cat', ...env },
  });
  return ran.stdout.replaceAll('\r', '');
}

describe.runIf(isThere('stty', 'coreutils'))('on a terminal', () => {
  it.each([140, 80, 60])('of %d columns no line of a view is wider', (columns) => {
    for (const view of [
      'runs',
      'show R8Y2XEW',
      'failed',
      'inflight',
      'doctor',
      'critical-path @0',
    ]) {
      const lines = stripVTControlCharacters(onScreen(columns, view)).split('\n');
      expect(lines.length, view).toBeGreaterThan(2);
      const wide = lines.filter((line) => widthOf(line) > columns);
      expect(wide, view).toEqual([]);
    }
  });

  it('the output goes through $PAGER, and not for JSON or in a pipe', () => {
    const paged = join(scratch, 'paged');
    const env = { PAGER: `tee ${paged}` };
    expect(onScreen(100, 'runs', env)).toContain('7 runs');
    expect(readFileSync(paged, 'utf8')).toContain('7 runs');
    rmSync(paged);
    expect(onScreen(100, 'runs --json', env)).toContain('throughline.run/1');
    throughline(['runs', '--root', root], env);
    expect(existsSync(paged)).toBe(false);
  });

  it('a pager that is not there, or that is left early, hides nothing and is no error', () => {
    expect(onScreen(100, 'runs', { PAGER: 'no-such-pager-here' })).toContain('7 runs');
    expect(onScreen(100, 'records', { PAGER: 'head -1' })).toMatch(/wal\.opened/);
  });

  it('has colours unless NO_COLOR says not to, and words beside every sign', () => {
    expect(onScreen(100, 'runs')).toContain('\u001b[32m✓');
    const plain = onScreen(100, 'runs', { NO_COLOR: '1' });
    expect(plain).not.toContain('\u001b[3');
    expect(plain).toMatch(/✗ .* failed/);
    expect(plain).toMatch(/! .* lost/);
  });
});

describe('the pager', () => {
  it.each([
    [{}, ['less']],
    [{ PAGER: 'more -s' }, ['more', '-s']],
    [{ PAGER: 'less | cat' }, ['sh', '-c', 'less | cat']],
    [{ PAGER: 'cat' }, undefined],
    [{ PAGER: '' }, undefined],
    [{ TERM: 'dumb' }, undefined],
  ])('of %j is %j', (env, command) => {
    expect(pagerCommand(env)).toEqual(command);
  });
});
