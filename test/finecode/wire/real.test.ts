/**
 * The same against a real FineCode: FINECODE_HOME is a workspace with FineCode installed in .venvs/dev_workspace, or such
 * a venv itself. What is asked of it changes no file of the workspace.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../hook/host.js';
import { startProxy, type Proxy } from '../../proxies/core/proxy.js';
import { Client, found, portIn } from './wm.js';

const home = process.env['FINECODE_HOME'] ?? '';
const inWorkspace = join(home, '.venvs', 'dev_workspace');
const folder = existsSync(inWorkspace) ? inWorkspace : home;
const hasFineCode = home !== '' && existsSync(join(folder, 'pyvenv.cfg'));
if (!hasFineCode)
  console.log('skipped: FINECODE_HOME names no installation of FineCode: no real WM');

const portFile = join(folder, 'cache', 'finecode', 'wm_port');
const missing =
  '{"actionSource": "throughline.NoSuchAction", "params": {"x": 1.0, "y": NaN}, "options": {"trigger": "user", "devEnv": "cli"}}';

function start(command: 'proxy' | 'record', own: readonly string[]): Proxy {
  const python = join(folder, 'bin', 'python');
  const wm = [python, '-m', 'finecode', 'start-wm-server', '--disconnect-timeout', '1'];
  const args = [command, 'finecode', '--venv', folder, ...own, '--', ...wm];
  // The workspace is where it is started.
  return startProxy(args, { HOME: process.env['HOME'] }, [], ['env', '-C', home]);
}

describe.runIf(hasFineCode)('a real workspace manager', () => {
  it('behind the proxy answers as it does, 100 times at once, stops by itself, and so do we', async () => {
    const proxy = await found(start('proxy', []), { portFile });
    const client = await Client.connect(proxy.port);
    expect(await client.result('client/initialize', '{"clientId": "lsp"}')).toHaveProperty(
      'logFilePath',
    );
    expect(await client.result('runners/list', '{}')).toHaveProperty('runners');
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => client.request('actions/run', missing)),
    );
    expect(answers.map(({ id }) => id)).toEqual(answers.map((_, index) => index + 3));
    expect(answers.filter(({ error }) => error === undefined)).toEqual([]);
    await client.close();
    expect(await proxy.ended).toEqual({ code: expect.any(Number), signal: null });
    expect(portIn(portFile)).toBeUndefined();
  }, 60_000);

  it('is recorded: a run that it refuses has failed', async () => {
    const root = mkdtempSync(join(tmpdir(), 'tl-real-finecode-'));
    const proxy = await found(start('record', ['--root', root]), { portFile });
    const client = await Client.connect(proxy.port);
    await client.request('actions/run', missing);
    await client.close();
    await proxy.ended;
    const events = linesOf(root).map((line) => line.event_type);
    expect(events.filter((event) => event.startsWith('run.'))).toEqual([
      'run.accepted',
      'run.dispatched',
      'run.failed',
    ]);
    rmSync(root, { recursive: true });
  }, 60_000);
});
