/**
 * `throughline wrap`: edits an MCP client's configuration so that its servers are started through the proxy or the
 * recorder. Shows what it changes before it writes; touches nothing else in the file.
 */
import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { exitCode, UsageError, type Given } from '../command.js';
import { columns, print } from '../text.js';
import { checkServer } from '../wrap/check.js';
import { readServers, type ServerEntry } from '../wrap/configuration.js';
import { unifiedDiff } from '../wrap/diff.js';
import { apply, plan, type Decision } from '../wrap/plan.js';
import { replaceFile } from '../wrap/save.js';

/** The package's bin: from dist/src/cli/commands/wrap.js. */
const bin = fileURLToPath(new URL('../throughline.cjs', import.meta.url));

export async function execute(given: Given): Promise<number> {
  const [file = ''] = given.arguments;
  const undo = given.flag('undo');
  const record = given.values('record');
  if (undo && (record.length > 0 || given.flag('http'))) {
    throw new UsageError('--undo takes everything back: --record and --http mean nothing with it');
  }
  const before = await read(file);
  const launcher = { node: process.execPath, bin };
  const decisions = plan(before, readServers(before, file), {
    undo,
    record,
    http: given.flag('http'),
    launcher,
  });
  const after = apply(before, decisions);
  show(file, before, decisions);
  // What comes out must be what its client can read; we have just edited text.
  const servers = readServers(after, file);
  if (given.flag('check') && !(await check(servers))) {
    print(['', 'nothing was written: a server did not answer']);
    return exitCode.finding;
  }
  if (before === after) print(['', `nothing to change in ${file}`]);
  else if (given.flag('dry-run')) print(['', `nothing was written to ${file}`]);
  else {
    await replaceFile(file, before, after);
    print(['', `${file} is written; its client reads it when it is started again`]);
  }
  return exitCode.ok;
}

async function read(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    // Nothing would ever come out of a pipe, and nothing can be put in the place of a device.
    if (!(await stat(file)).isFile()) throw new Error('is no file');
    bytes = await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${file}: ${code === 'ENOENT' ? 'no such file' : message}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // What does not decode would be written back as something else.
    throw new UsageError(`${file}: is not UTF-8; save it as that first`);
  }
}

function show(file: string, text: string, decisions: readonly Decision[]): void {
  print(columns([['SERVER', 'STARTED'], ...decisions.map(({ server, what }) => [server, what])]));
  const diff = unifiedDiff(
    file,
    text,
    decisions.flatMap(({ edits }) => edits),
  );
  if (diff.length > 0) print(['', ...diff]);
  if (decisions.some(({ edits }) => edits.length > 0) && /[/\\]_npx[/\\]/.test(bin)) {
    print(['', `${bin} is in a cache that is emptied: install throughline first`]);
  }
}

/** True when no server failed. */
async function check(servers: readonly ServerEntry[]): Promise<boolean> {
  const checked = await Promise.all(servers.map((entry) => checkServer(entry)));
  print([
    '',
    ...columns([
      ['SERVER', 'CHECK', ''],
      ...checked.map((one) => [one.server, one.state, one.message]),
    ]),
  ]);
  return checked.every(({ state }) => state !== 'failed');
}
