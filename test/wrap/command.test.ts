/** `throughline wrap` as a process, on real files. */
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { throughline } from '../cli/bin.js';

const bin = fileURLToPath(new URL('../../dist/src/cli/throughline.cjs', import.meta.url));
const server = fileURLToPath(new URL('fixtures/server.mjs', import.meta.url));
const node = process.execPath;

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-wrap-'));
  file = join(folder, 'mcp.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(servers: Record<string, object>): string {
  const text = `${JSON.stringify({ mcpServers: servers }, null, 2)}\n// the end\n`;
  writeFileSync(file, text);
  return text;
}

test('writes the file, says so, and takes it back byte for byte', () => {
  const before = write({ one: { command: 'npx', args: ['-y', 'one'] }, two: { url: 'http://x' } });
  const done = throughline(['wrap', file]);
  expect(done.stderr).toBe('');
  expect(done.code).toBe(0);
  expect(done.stdout.split('\n').slice(0, 4)).toEqual([
    'SERVER  STARTED',
    'one     through the proxy',
    'two     left alone: remote; --http moves it behind the proxy',
    '',
  ]);
  expect(done.stdout).toContain(`+      "command": ${JSON.stringify(node)},`);
  expect(done.stdout).toContain(`${file} is written`);
  expect(readFileSync(file, 'utf8')).toContain(
    `        ${JSON.stringify(bin)}, "proxy", "mcp", "--", "npx",\n        "-y",`,
  );
  expect(throughline(['wrap', file, '--undo']).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(before);
  expect(readdirSync(folder)).toEqual(['mcp.json']);
});

test('writes nothing under --dry-run, and nothing when there is nothing to change', () => {
  const before = write({ one: { command: 'npx' } });
  const dry = throughline(['wrap', file, '--dry-run']);
  expect(dry.stdout).toContain(`nothing was written to ${file}`);
  expect(readFileSync(file, 'utf8')).toBe(before);
  throughline(['wrap', file]);
  const { ino } = statSync(file);
  expect(throughline(['wrap', file]).stdout).toContain(`nothing to change in ${file}`);
  expect(statSync(file).ino).toBe(ino);
});

test("keeps the file's mode, and a link to it a link", () => {
  write({ one: { command: 'npx' } });
  chmodSync(file, 0o600);
  const link = join(folder, 'link.json');
  symlinkSync(file, link);
  expect(throughline(['wrap', link]).code).toBe(0);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toContain('"proxy"');
});

test.each([
  [['wrap'], 'throughline: an argument is missing: throughline wrap FILE\n'],
  [['wrap', '/nowhere/mcp.json'], 'throughline: /nowhere/mcp.json: no such file\n'],
  [
    ['wrap', 'FILE', '--undo', '--http'],
    'throughline: --undo takes everything back: --record and --http mean nothing with it\n',
  ],
  [
    ['wrap', 'FILE', '--record', 'nobody'],
    'throughline: --record nobody: no server is called so\n',
  ],
])('answers %j with one sentence and 2', (args, message) => {
  write({ one: { command: 'npx' } });
  const done = throughline(args.map((one) => (one === 'FILE' ? file : one)));
  expect([done.code, done.stderr]).toEqual([2, message]);
});

test('starts each server under --check, through what stands before it', () => {
  write({
    one: { command: node, args: [server] },
    two: { command: node, args: [server] },
    far: { url: 'http://x' },
    its: { command: '${own}' },
  });
  const done = throughline(['wrap', file, '--check', '--record', 'two'], {
    THROUGHLINE_ROOT: folder,
  });
  expect(done.stderr).toBe('');
  expect(done.stdout).toContain(
    [
      'SERVER  CHECK        ',
      'one     answered     fixture 1.2.3',
      'two     answered     fixture 1.2.3',
      'far     not checked  remote',
      'its     not checked  only its client knows its ${variables}',
    ]
      .join('\n')
      .replace('CHECK        \n', 'CHECK\n'),
  );
  expect(done.code).toBe(0);
  // The recorder's stream is there, and nothing of the proxy's.
  expect(readdirSync(join(folder, 'wal'))).toEqual(['mcp']);
});

test('writes nothing when a server does not answer, and says which', () => {
  const before = write({
    one: { command: node, args: [server] },
    bad: { command: node, args: [server, 'dies'] },
    none: { command: '/nowhere/server' },
  });
  const done = throughline(['wrap', file, '--check']);
  expect(done.code).toBe(1);
  expect(done.stdout).toContain('bad     failed    ended with exit code 3 before it answered');
  expect(done.stdout).toContain('none    failed    ended with exit code 127 before it answered');
  expect(done.stdout).toContain('nothing was written: a server did not answer');
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('refuses what it could not write back as it was, and what is no file', () => {
  // Latin-1, as an old editor saves a comment.
  const before = Buffer.from('{"mcpServers":{"one":{"command":"npx"}}} // caf\xe9\n', 'latin1');
  writeFileSync(file, before);
  const latin = throughline(['wrap', file]);
  expect(latin).toMatchObject({ code: 2, stdout: '' });
  expect(latin.stderr).toBe(`throughline: ${file}: is not UTF-8; save it as that first\n`);
  expect(readFileSync(file).equals(before)).toBe(true);
  const wrapped = throughline(['wrap', folder]);
  expect(wrapped).toMatchObject({
    code: 2,
    stdout: '',
    stderr: `throughline: ${folder}: is no file\n`,
  });
});

test('edits a configuration of a thousand servers, CRLF, tabs and byte order mark, and back', () => {
  const servers = Array.from({ length: 1000 }, (_, number) => [
    `s${number}`,
    { command: 'npx', args: ['-y', 'x'.repeat(100)] },
  ]);
  const json = JSON.stringify({ mcpServers: Object.fromEntries(servers) }, null, '\t');
  const before = `\uFEFF${json.replaceAll('\n', '\r\n')}\r\n`;
  writeFileSync(file, before);
  expect(throughline(['wrap', file]).code).toBe(0);
  const after = readFileSync(file, 'utf8');
  expect(after.match(/"proxy", "mcp", "--", "npx",\r\n\t\t\t\t"-y"/g)?.length).toBe(1000);
  expect(throughline(['wrap', file, '--undo']).code).toBe(0);
  expect(readFileSync(file, 'utf8') === before).toBe(true);
});
