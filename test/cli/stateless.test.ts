/** What the system saw: the front commands open no file for writing, make none, and remove none. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, plainEnv } from './bin.js';

const hasStrace = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;
if (!hasStrace) console.log('skipped: strace is not here (apt-get install -y strace)');

const calls =
  'open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat,symlink,symlinkat,truncate,ftruncate,chmod,fchmodat';

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tl-strace-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The calls of a program and its children that change a file system outside of /dev. */
function changes(args: readonly string[]): readonly string[] {
  const out = join(scratch, 'trace');
  const traced = ['-f', '-qq', '-e', `trace=${calls}`, '-o', out, process.execPath, ...args];
  const ran = spawnSync('strace', traced, {
    encoding: 'utf8',
    cwd: scratch,
    env: { ...plainEnv, TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
  // Loading Node alone opens dozens of files.
  expect(lines.length).toBeGreaterThan(10);
  return lines.filter((line) => {
    if (/"\/dev\/[^"]*"/.test(line)) return false;
    return /\bopen(?:at|at2)?\(/.test(line)
      ? /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND/.test(line)
      : !/ (?:\+\+\+|---) |resumed>/.test(line);
  });
}

describe.runIf(hasStrace)('under strace', () => {
  it('a program that writes is found out, also in a child', () => {
    const script = "require('node:child_process').spawnSync('sh', ['-c', 'echo > written'])";
    expect(changes(['-e', script]).join('\n')).toMatch(/"written", O_WRONLY\|O_CREAT\|O_TRUNC/);
  });

  it.each([
    ['run', ['run', '--', 'true']],
    ['run --detach-context', ['run', '--detach-context', '--', 'true']],
    ['proxy mcp', ['proxy', 'mcp', '--', 'cat']],
    ['proxy lsp', ['proxy', 'lsp', '--', 'cat']],
    ['shell-init', ['shell-init', 'bash']],
    ['id', ['id', '019aa88dc8b71fd3906c9a3611e175dc']],
  ])('throughline %s opens no file for writing', (_, args) => {
    expect(changes([bin, ...args])).toEqual([]);
  });

  it('throughline proxy json-rpc, with a message through it, opens no file for writing', () => {
    const session = new URL('../proxies/json-rpc/fixtures/session.mjs', import.meta.url);
    expect(changes([fileURLToPath(session), bin])).toEqual([]);
  });
});
