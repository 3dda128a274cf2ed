/** docs/throughline.lnav.json in Debian's lnav, on streams that recorders of this build wrote. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, copyFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Context } from '../../src/context/index.js';
import { openRecorder } from '../../src/hook/index.js';
import { isInstalled } from '../support/installed.js';

const format = 'docs/throughline.lnav.json';
let [directory, correlationId] = ['', ''];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tl-lnav-'));
  const installed = join(directory, 'formats/throughline');
  mkdirSync(installed, { recursive: true });
  copyFileSync(format, join(installed, 'throughline.lnav.json'));
  const root = join(directory, 'root');
  const [wm, er] = await Promise.all(
    ['wm', 'er'].map((role) => openRecorder({ role, root, sync: 'inline' })),
  );
  const front = Context.begin({ origin: { front: 'cli', name: 'workbench' } });
  ({ correlationId } = front);
  await wm?.run({ action: 'check', context: front.child() }, async () => {
    await later();
    await er?.run({ action: 'check', context: front.child() }, async (run) => {
      await run.handler('ruff', () => later());
    });
    await later();
  });
  const fails = wm?.run({ action: 'format' }, () => {
    throw new Error('out of paper');
  });
  await expect(fails).rejects.toThrow('out of paper');
  await Promise.all([wm?.close(), er?.close()]);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** lnav sorts by milliseconds: what must be told apart is at least two of them apart. */
async function later(): Promise<void> {
  const until = Date.now() + 3;
  while (Date.now() < until) await new Promise(setImmediate);
}

function lnav(...args: readonly string[]): { readonly out: string; readonly error: string } {
  const files = ['-r', join(directory, 'root/wal')];
  const ran = spawnSync('lnav', ['-n', '-I', directory, ...args, ...files], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: directory, TERM: 'dumb' },
    timeout: 15_000,
  });
  return { out: ran.stdout, error: ran.stderr };
}

function query(sql: string): readonly string[] {
  const { out, error } = lnav('-c', `;${sql}`, '-c', ':write-csv-to -');
  expect(error).toBe('');
  return out.trimEnd().split('\n').slice(1);
}

describe.runIf(isInstalled('lnav'))('lnav with our format file', () => {
  it('finds no mistake in it', () => {
    const ran = spawnSync('lnav', ['-C', '-I', directory], { encoding: 'utf8', cwd: directory });
    expect(ran.stdout + ran.stderr).toBe('');
    expect(ran.status).toBe(0);
  });

  it('merges two streams by time, with what each record is about', () => {
    const lines = lnav()
      .out.split('\n')
      .filter((line) => line.includes(correlationId))
      .map((line) => line.replace(/^\S+ \S+ +(\w+)-\S+ +\d+ +\S+ +/, '$1 ').trimEnd());
    expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'wm run.accepted check',
      'er run.accepted check',
      'er handler.started check ruff',
      'er handler.completed check ruff',
      'er run.completed check',
      'wm run.completed check',
    ]);
  });

  it('is asked in SQL, by the names that are in the records', () => {
    const failed = `SELECT event_type, action_name, "payload/error/message" FROM throughline WHERE log_level = 'error'`;
    expect(query(failed)).toEqual(['run.failed,format,out of paper']);
    const front = `SELECT count(*) FROM throughline WHERE "origin/front" = 'cli' AND correlation_id = '${correlationId}'`;
    expect(query(front)).toEqual(['2']);
    const handlers = `SELECT "payload/handler", "payload/duration_ms" > 0 FROM throughline WHERE event_type = 'handler.completed'`;
    expect(query(handlers)).toEqual(['ruff,1']);
  });
});
