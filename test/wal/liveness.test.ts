/** Gone is said only with proof. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  listStreams,
  readStream,
  writerState,
  type HostIdentity,
  type JsonObject,
  type WalRecord,
} from '../../src/wal/index.js';
import { can, runFixture } from './support/child.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'throughline-alive-'));
});

afterEach(() => rmSync(root, { recursive: true }));

const here: HostIdentity = {
  machine: 'machine-a',
  boot: 'boot-1',
  pidNamespace: 'pid:[1]',
  processOf: (pid) => (pid === 10 ? { state: 'running', start: '500' } : { state: 'absent' }),
};
const opened = {
  machine: 'machine-a',
  boot_id: 'boot-1',
  pid_namespace: 'pid:[1]',
  pid: 10,
  process_start: '500',
};

function record(payload: JsonObject): WalRecord {
  return {
    schema_version: 2,
    sequence: 1,
    ts: '2026-11-21T14:02:11.480123Z',
    event_type: 'wal.opened',
    project_path: '',
    writer_id: 'wm-01KAM8VJ5Q3Z9S0V4T6R8Y2XEW',
    payload,
  };
}

describe('the writer of a stream', () => {
  const cases: readonly [string, string, JsonObject, Partial<HostIdentity>][] = [
    ['alive', 'runs with the pid and start time it wrote', {}, {}],
    ['gone', 'has no process any more', { pid: 11 }, {}],
    ['gone', 'has given its pid to another process', { process_start: '499' }, {}],
    ['gone', 'ran before this machine was restarted', {}, { boot: 'boot-2' }],
    ['unknown', 'ran on another machine', {}, { machine: 'machine-b' }],
    ['unknown', 'ran on another machine, in another boot', {}, { machine: 'machine-b', boot: 'b' }],
    ['unknown', 'ran in another pid namespace', {}, { pidNamespace: 'pid:[2]' }],
    [
      'unknown',
      'ran in another boot of an unnamed machine',
      { machine: undefined },
      { machine: undefined, boot: 'boot-2' },
    ],
    ['unknown', 'wrote no boot', { boot_id: undefined }, {}],
    ['unknown', 'wrote no namespace', { pid_namespace: undefined }, {}],
    ['unknown', 'wrote no start time', { process_start: undefined }, {}],
    ['unknown', 'is looked for where no boot is known', {}, { boot: undefined }],
    [
      'unknown',
      'has a process whose start cannot be seen',
      {},
      { processOf: () => ({ state: 'unknown' }) },
    ],
    ['gone', 'has no process, and wrote no start time', { pid: 11, process_start: undefined }, {}],
  ];
  for (const [state, name, payload, seen] of cases) {
    it(`is ${state} when it ${name}`, () => {
      expect(writerState(record({ ...opened, ...payload }), { ...here, ...seen }).state).toBe(
        state,
      );
    });
  }
});

it('that wrote no machine id is not said to be on another one', () => {
  const unnamed = writerState(record({ ...opened, machine: undefined }), here);
  expect(unnamed.evidence).toBe('it is not known on which machine it was written');
  const unnamedHere = writerState(record(opened), { ...here, machine: undefined });
  expect(unnamedHere.evidence).toBe('it is not known which machine this is');
  const other = writerState(record(opened), { ...here, machine: 'machine-b' });
  expect(other.evidence).toBe('written on another machine');
});

async function states(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const ref of await listStreams(root)) {
    for await (const item of readStream(ref)) {
      if (item.kind === 'record') found.push(writerState(item.record).state);
      break;
    }
  }
  return found;
}

const isLinux = process.platform === 'linux';

describe.skipIf(!isLinux)('on this machine', () => {
  it('a writer is alive until it is killed', async () => {
    const fixture = fileURLToPath(new URL('fixtures/witness.mjs', import.meta.url));
    const child = spawn(process.execPath, [fixture, JSON.stringify({ root, act: 'stay' })]);
    await once(child.stdout, 'data');
    expect(await states()).toEqual(['alive']);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await states()).toEqual(['gone']);
  });
});

/** Runs in a mount namespace of its own, where a file of our making stands in the place of a file of the kernel's. */
function standIn(file: string, content: string): readonly string[] {
  const stand = join(root, '..', `${basename(root)}-stand-in`);
  writeFileSync(stand, `${content}\n`);
  return ['unshare', '--mount', 'sh', '-c', `mount --bind '${stand}' '${file}' && exec "$@"`, 'sh'];
}

const hasMounts =
  isLinux &&
  can(
    'another boot, another machine',
    'unshare',
    '--mount',
    'sh',
    '-c',
    'mount --bind /etc/machine-id /proc/sys/kernel/random/boot_id && test -s /etc/machine-id',
  );

describe.skipIf(!hasMounts)('for a process that sees', () => {
  afterEach(() => rmSync(join(root, '..', `${basename(root)}-stand-in`), { force: true }));

  it('another boot of this machine, a writer is gone, whatever has its pid', async () => {
    const fixture = fileURLToPath(new URL('fixtures/witness.mjs', import.meta.url));
    const child = spawn(process.execPath, [fixture, JSON.stringify({ root, act: 'stay' })]);
    await once(child.stdout, 'data');
    const other = standIn(
      '/proc/sys/kernel/random/boot_id',
      '11111111-2222-3333-4444-555555555555',
    );
    const rebooted = await runFixture('witness.mjs', { root, act: 'explain' }, other);
    expect(rebooted.stdout).toBe('gone: this machine was restarted since\n');
    expect(await states()).toEqual(['alive']);
    child.kill('SIGKILL');
    await once(child, 'close');
  });

  it('another machine, the writer of a root that was copied there is unknown', async () => {
    await runFixture('witness.mjs', { root, act: 'write' });
    const copy = join(root, 'copy');
    cpSync(join(root, 'wal'), join(copy, 'wal'), { recursive: true });
    const other = standIn('/etc/machine-id', '0123456789abcdef0123456789abcdef');
    const judged = await runFixture('witness.mjs', { root: copy, act: 'explain' }, other);
    expect(judged.stdout).toBe('unknown: written on another machine\n');
    expect((await runFixture('witness.mjs', { root: copy, act: 'prune' }, other)).stdout).toBe(
      '0 removed\n',
    );
    expect(await states()).toEqual(['gone']);
  });
});

const hasNamespaces =
  isLinux && can('a pid namespace', 'unshare', '--pid', '--fork', '--mount-proc', 'true');

const canChoosePid =
  hasNamespaces &&
  can(
    'a pid that is used again',
    'unshare',
    '--pid',
    '--fork',
    '--mount-proc',
    'sh',
    '-c',
    'echo 4999 > /proc/sys/kernel/ns_last_pid',
  );

it.skipIf(!canChoosePid)('a writer whose pid another process has now is gone', async () => {
  const inside = ['unshare', '--pid', '--fork', '--mount-proc'];
  const ended = await runFixture('witness.mjs', { root, act: 'reuse' }, inside);
  expect(ended.stdout).toMatch(/^gone: pid \d+ belongs to another process now\n$/);
});

describe.skipIf(!hasNamespaces)('across pid namespaces', () => {
  const inside = ['unshare', '--pid', '--fork', '--mount-proc'];

  it('a writer inside is unknown outside', async () => {
    const ended = await runFixture('witness.mjs', { root, act: 'write' }, inside);
    expect(ended).toMatchObject({ code: 0, stdout: '1\n' });
    expect(await states()).toEqual(['unknown']);
  });

  it('a writer outside is unknown inside', async () => {
    await runFixture('witness.mjs', { root, act: 'write' });
    const ended = await runFixture('witness.mjs', { root, act: 'judge' }, inside);
    expect(ended.stdout).toBe('unknown\n');
    expect(await states()).toEqual(['gone']);
  });

  it('a stream is removed where its writer is known to be gone, and nowhere else', async () => {
    await runFixture('witness.mjs', { root, act: 'write' });
    const prune = { root, act: 'prune' };
    expect((await runFixture('witness.mjs', prune, inside)).stdout).toBe('0 removed\n');
    expect((await runFixture('witness.mjs', prune)).stdout).toBe('1 removed\n');
  });

  it("with the parent's /proc, nothing is believed of another process", async () => {
    // The pid that is written is small and surely exists outside: what /proc shows under it is somebody else.
    const ended = await runFixture('witness.mjs', { root, act: 'write' }, [
      'unshare',
      '--pid',
      '--fork',
    ]);
    expect(ended.code).toBe(0);
    const judged = await runFixture('witness.mjs', { root, act: 'judge' }, [
      'unshare',
      '--pid',
      '--fork',
    ]);
    expect(judged.stdout).toBe('unknown\n');
  });
});
