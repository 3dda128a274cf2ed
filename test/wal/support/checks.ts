/** Checks with a name, each run on the real WAL and on a mutant that it must find out. */
import { crashStates } from './crash-states.js';
import { judge, type Wal } from './judge.js';
import { MemoryDisk } from './memory-disk.js';
import { root, run, scenarios } from './scenarios.js';
import { statePort } from './state-port.js';

/** What is wrong, or `undefined`. */
export type Check = (wal: Wal) => Promise<string | undefined>;

export const checks: Readonly<Record<string, Check>> = {
  'says durable only after the datasync': async (wal) => {
    const disk = new MemoryDisk((kind, count) =>
      kind === 'datasync' && count > 1 ? 'EIO' : undefined,
    );
    const stream = await wal.openStream({ root, role: 'wm', fs: disk, sealOnExit: false });
    const { outcome } = await stream.append({ event_type: 'test.marked' });
    await stream.close();
    return outcome === 'dropped' ? undefined : `the datasync failed, the append says ${outcome}`;
  },
  'keeps the first acknowledged records of a new root': enumerate(
    'the first seconds of a new root',
  ),
  'keeps what was acknowledged after a datasync failed': enumerate(
    'a datasync that fails, and the file after it',
  ),
  'keeps what was unsynced when a datasync failed': enumerate(
    'a datasync that fails behind unsynced records, and the file after it',
  ),
  'names no record of a file before that is not durable': enumerate(
    'rotation behind unsynced records',
  ),
  'keeps what a barrier found unsynced': enumerate('appends and a close'),
  'keeps what shares a sector with the next record': enumerate('preallocated newlines'),
  'calls damage to acknowledged records CORRUPT': async (wal) => {
    const disk = new MemoryDisk();
    const stream = await wal.openStream({ root, role: 'wm', fs: disk, sealOnExit: false });
    for (let count = 0; count < 5; count += 1) {
      await stream.append({ event_type: 'test.marked', payload: { mark: `m${count}` } });
    }
    // No close: a seal would tell as well.
    let last = new Map<string, Uint8Array | null>();
    for (const { entries } of crashStates(disk.operations)) {
      last = new Map(entries);
      break;
    }
    const [path, content] = [...last].find(([name]) => name.endsWith('.jsonl')) ?? [];
    if (path === undefined || !(content instanceof Uint8Array)) return 'no file';
    const lines = Buffer.from(content).toString('latin1').split('\n');
    lines[2] = lines[2]?.replace('m1', 'm9') ?? '';
    last.set(path, Buffer.from(lines.join('\n'), 'latin1'));
    const verdicts: string[] = [];
    const port = statePort(last);
    for (const ref of await wal.listStreams(root, port)) {
      for await (const item of wal.readStream(ref, { port })) {
        if (item.kind === 'fault')
          verdicts.push(`${item.fault.verdict} ${item.fault.sequenceFrom}`);
      }
    }
    return verdicts.join() === 'CORRUPT 3,UNSEALED undefined' ? undefined : verdicts.join();
  },
};

function enumerate(name: string): Check {
  return async (wal) => {
    const scenario = scenarios.find((one) => one.name === name);
    if (scenario === undefined) return `no scenario ${name}`;
    const disk = await run(wal, scenario);
    for (const state of crashStates(disk.operations)) {
      const wrong = await judge(wal, root, state);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}
