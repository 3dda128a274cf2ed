/** What the proxy of FineCode may do to a file system: its port file and nothing else, as Node's permission model sees it. */
import { readdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { startProxy } from '../../proxies/core/proxy.js';
import { Client, fakeWm, found, makeVenv, type Venv } from './wm.js';

const permission = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';
const flags = [permission, '--allow-fs-read=*', '--allow-child-process'];
// The model reaches children through NODE_OPTIONS on Node 22 and later.
const wm = ['env', '-u', 'NODE_OPTIONS', process.execPath, fakeWm, 'start-wm-server'];

function restricted(venv: Venv, writable: readonly string[]) {
  const node = [...flags, ...writable.map((path) => `--allow-fs-write=${path}`)];
  const args = ['proxy', 'finecode', '--venv', venv.folder, '--', ...wm];
  return startProxy(args, {}, node);
}

it('it gives ids with the permission to write its port file, and the names it is renamed from', async () => {
  const venv = makeVenv();
  const proxy = await found(restricted(venv, [`${venv.portFile}*`]), venv);
  const client = await Client.connect(proxy.port);
  const result = await client.result('actions/run', '{"actionSource": "demo.Echo"}');
  expect(result['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/);
  client.send('{"method": "server/exit", "params": {"code": 0}}');
  expect(await proxy.ended).toEqual({ code: 0, signal: null });
  expect(proxy.stderr().replaceAll(/^\(.*\n/gm, '')).toBe('');
  expect(readdirSync(dirname(venv.portFile))).toEqual([]);
  venv.remove();
});

it('without it says so in one sentence, and leaves no workspace manager behind', async () => {
  const venv = makeVenv();
  const proxy = restricted(venv, [`${venv.folder}/elsewhere`]);
  expect(await proxy.ended).toEqual({ code: 125, signal: null });
  expect(proxy.stderr()).toContain(`throughline: ${venv.portFile} cannot be written\n`);
  rmSync(venv.folder, { recursive: true });
});
