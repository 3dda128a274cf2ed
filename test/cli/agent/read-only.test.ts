/** What the system saw of the server: it opens files for reading and nothing else, and has no socket. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, plainEnv } from '../bin.js';
import { writeJournal } from '../journal.js';
import { startAgent, type Json } from './client.js';

const hasStrace = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;
if (!hasStrace) console.log('skipped: strace is not here (apt-get install -y strace)');

const repository = fileURLToPath(new URL('../../../', import.meta.url));
/** Opens, changes of a file system, and whatever may lead to a network. */
const calls =
  'open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat,symlink,symlinkat,truncate,ftruncate,chmod,fchmodat,socket,connect,bind,listen,accept4,execve';

let scratch = '';
let root = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tl-agent-'));
  root = join(scratch, 'root');
  writeJournal(root);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** One call of each tool, and the resources. */
const tools: readonly (readonly [tool: string, given: Json])[] = [
  ['list_runs', {}],
  ['run_outline', { run: 'R8Y2XEW' }],
  ['expand', { run: 'R8Y2XEW', span: '0000000000000012' }],
  ['get_records', { run: 'R8Y2XEW' }],
  ['in_flight', {}],
  ['who', { path: '/ws/src/a.ts' }],
  ['reconcile', {}],
  ['compare', { a: '@0', b: '@1' }],
  ['verify', {}],
];

/** The same as lines on stdin, for a client that can be traced together with nothing else. */
function session(): string {
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 't', version: '1' },
  };
  const messages: object[] = [
    { id: 0, method: 'initialize', params },
    { method: 'notifications/initialized' },
    { id: 1, method: 'tools/list' },
    { id: 2, method: 'resources/list' },
    ...tools.map(([name, given], index) => ({
      id: index + 3,
      method: 'tools/call',
      params: { name, arguments: given },
    })),
  ];
  return messages.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join('');
}

describe.runIf(hasStrace)('under strace', () => {
  it('a session with every tool opens nothing for writing, makes and removes nothing, and has no socket', async () => {
    const out = join(scratch, 'trace');
    const traced = ['-f', '-qq', '-e', `trace=${calls}`, '-o', out, process.execPath];
    const ran = spawn('strace', [...traced, bin, 'mcp', '--root', root], {
      cwd: scratch,
      env: plainEnv,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(ran, 'close');
    ran.stdin.write(session());
    const answers: { id: number; error?: unknown; result?: Json }[] = [];
    for await (const line of createInterface({ input: ran.stdout })) {
      answers.push(JSON.parse(line) as (typeof answers)[number]);
      // The end of its input is the end of the server: it does not wait for what is slow.
      if (answers.length === tools.length + 3) ran.stdin.end();
    }
    expect(await ended).toEqual([0, null]);
    expect(answers.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: tools.length + 3 }, (_, id) => id),
    );
    expect(answers.filter(({ error, result }) => error ?? result?.['isError'])).toEqual([]);
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(lines.filter((line) => line.includes('wal-000001.jsonl')).length).toBeGreaterThan(10);
    const suspicious = lines.filter((line) => {
      if (/ (?:\+\+\+|---) |resumed>/.test(line) || /"\/dev\/[^"]*"/.test(line)) return false;
      // The one program that is started is Node itself, by strace.
      if (line.includes('execve(')) return !line.includes(`execve("${process.execPath}"`);
      return /\bopen(?:at|at2)?\(/.test(line)
        ? /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND/.test(line)
        : true;
    });
    expect(suspicious).toEqual([]);
  });
});

describe("under Node's permission model", () => {
  const flag =
    Number(process.versions.node.split('.')[0]) >= 24
      ? '--permission'
      : '--experimental-permission';

  it('every tool answers with leave to read and to do nothing else', async () => {
    await using agent = await startAgent({
      roots: [root],
      node: [flag, '--allow-fs-read=*', '--no-warnings'],
    });
    for (const [tool, given] of tools) {
      expect(await agent.ask(tool, given)).toMatchObject({ isError: false });
    }
    expect(agent.stderr()).toBe('');
  });

  it('a file that it may not read is one that it cannot compare', async () => {
    await using agent = await startAgent({
      roots: [root],
      node: [
        flag,
        ...[root, repository, '/proc/', '/etc/machine-id'].map((path) => `--allow-fs-read=${path}`),
        '--no-warnings',
      ],
    });
    const { structured, isError } = await agent.ask('who', { path: '/ws/src/a.ts' });
    expect(isError).toBe(false);
    expect(structured).toMatchObject({ writes: [{ now: 'unreadable' }] });
  });
});

/** Maps and types are two thirds of the files. */
function isRun(file: string): boolean {
  return !/\.(?:map|d\.ts)$/.test(file);
}

describe('without the MCP SDK', () => {
  it('the command is one sentence that names the install command, and exit code 2', () => {
    // The package as npm installs it, beside its one dependency and nothing else.
    const installed = join(scratch, 'node_modules/throughline');
    mkdirSync(installed, { recursive: true });
    for (const part of ['package.json', 'dist/src', 'dist/adapters']) {
      cpSync(join(repository, part), join(installed, part), { recursive: true, filter: isRun });
    }
    symlinkSync(join(repository, 'node_modules/ulid'), join(scratch, 'node_modules/ulid'));
    const main = join(installed, 'dist/src/cli/main.js');
    const ran = spawnSync(process.execPath, [main, 'mcp', '--root', root], {
      encoding: 'utf8',
      cwd: dirname(installed),
      env: plainEnv,
      input: '',
    });
    expect(ran).toMatchObject({
      status: 2,
      stdout: '',
      stderr:
        'throughline: throughline mcp needs the package @modelcontextprotocol/sdk, which is not installed: npm install @modelcontextprotocol/sdk@1 where throughline is installed (-g if that is global)\n',
    });
    const help = spawnSync(process.execPath, [main, 'mcp', '--help'], {
      encoding: 'utf8',
      env: plainEnv,
    });
    expect(help).toMatchObject({ status: 0, stderr: '' });
  });
});
