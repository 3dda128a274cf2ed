/** Retention cut short anywhere: what is missing then is explained, what is there is read, and the next run ends it. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  hostIdentity,
  listStreams,
  openStream,
  pruneStreams,
  readPruned,
  readStream,
  type ReadPort,
  type Stream,
  type StreamOptions,
} from '../../src/wal/index.js';
import { prune } from '../../src/wal/retention/prune.js';
import { nodeReadPort } from '../../src/wal/disk/read-port.js';
import { nodeRemovalPort, type RemovalPort } from '../../src/wal/disk/removal-port.js';
import { crashStates, liveState } from './support/crash-states.js';
import { MemoryDisk } from './support/memory-disk.js';
import { statePort } from './support/state-port.js';

interface Written {
  readonly stream: Stream;
  readonly files: readonly string[];
  readonly isOpen: boolean;
}

/** Two streams that are done, of several segments, one that is still written, and one that has an open run in it. */
async function writeStreams(
  options: Omit<StreamOptions, 'role'>,
  port: () => ReadPort,
): Promise<readonly Written[]> {
  const written: Written[] = [];
  for (const isOpen of [false, false, true, true]) {
    const common = { role: 'wm', sync: 'inline', retention: false, sealOnExit: false } as const;
    const stream = await openStream({ ...common, ...options, segmentBytesMax: 900 });
    if (written.length === 3) {
      await stream.append({ event_type: 'run.accepted', wal_run_id: 'r1' });
    }
    for (let count = 0; count < 5; count += 1) await stream.append({ event_type: 'test.marked' });
    if (!isOpen) await stream.close();
    const refs = await listStreams(options.root, port());
    const files = refs.find(({ writerId }) => writerId === stream.writerId)?.segments ?? [];
    expect(files.length).toBeGreaterThan(2);
    written.push({ stream, files, isOpen });
  }
  return written;
}

/** The first thing wrong under `root`, or `undefined`. */
async function wrongIn(
  root: string,
  port: ReadPort,
  written: readonly Written[],
): Promise<string | undefined> {
  const refs = await listStreams(root, port);
  const explained = await readPruned(refs, port);
  for (const { stream, files, isOpen } of written) {
    const { writerId } = stream;
    const pruned = explained.get(writerId) ?? new Set<string>();
    const ref = refs.find((one) => one.writerId === writerId);
    const missing = files.filter((file) => ref?.segments.includes(file) !== true);
    const unexplained = missing.find((file) => !pruned.has(file));
    if (unexplained !== undefined)
      return `${writerId}: ${unexplained} is gone, and nothing says why`;
    if (ref === undefined) continue;
    const isCut = isOpen || missing.includes(files.at(-1) ?? '');
    for await (const item of readStream(ref, { port, pruned })) {
      if (item.kind === 'record') continue;
      if (item.fault.verdict === 'UNSEALED' && isCut) continue;
      return `${writerId}: ${JSON.stringify(item.fault)}`;
    }
  }
  // The one with the open run keeps the segment of it, and what comes after.
  const last = written.at(-1);
  const kept = refs.find(({ writerId }) => writerId === last?.stream.writerId);
  return kept?.segments.includes(last?.files.at(0) ?? '') === true ? undefined : 'an open run went';
}

/** The real port; `before` sees each path and may throw. */
function watched(before: (path: string) => void): RemovalPort {
  return {
    // oxlint-disable-next-line typescript/require-await -- A rejection, not an exception.
    async removeFile(path) {
      before(path);
      return nodeRemovalPort.removeFile(path);
    },
    // oxlint-disable-next-line typescript/require-await -- The same.
    async removeDirectory(path) {
      before(path);
      return nodeRemovalPort.removeDirectory(path);
    },
    // oxlint-disable-next-line typescript/require-await -- The same.
    async syncDirectory(path) {
      before(path);
      return nodeRemovalPort.syncDirectory(path);
    },
  };
}

const tooMuch = { bytesMax: 1, roles: ['wm'], here: hostIdentity() };

describe('retention', () => {
  it('that a power cut stops at any moment leaves nothing unexplained and nothing damaged', async () => {
    const root = '/crash-state-root';
    const disk = new MemoryDisk();
    const livePort: ReadPort = {
      list: (path) => statePort(liveState(disk.operations)).list(path),
      open: (path) => statePort(liveState(disk.operations)).open(path),
    };
    const written = await writeStreams({ root, fs: disk }, () => livePort);
    const before = disk.operations.length;
    const removal: RemovalPort = {
      removeFile: (path) => Promise.resolve(disk.removeFile(path)),
      removeDirectory: (path) => Promise.resolve(disk.removeDirectory(path)),
      syncDirectory: (path) => Promise.resolve(disk.syncDirectory(path)),
    };
    const openJournal = (): Promise<Stream> =>
      openStream({ root, role: 'prune', fs: disk, onFailure: 'reject', sealOnExit: false });
    const { removed } = await prune({ root, port: livePort, removal, ...tooMuch }, openJournal);
    expect(removed.map(({ isWhole, files }) => ({ isWhole, count: files.length > 1 }))).toEqual([
      { isWhole: true, count: true },
      { isWhole: true, count: true },
      { isWhole: false, count: true },
    ]);
    const kinds = new Set(disk.operations.slice(before).map(({ kind }) => kind));
    expect(kinds).toContain('remove');
    let states = 0;
    const directories = new Set<string>();
    for (const { entries } of crashStates(disk.operations, before)) {
      states += 1;
      const wrong = await wrongIn(root, statePort(entries), written);
      if (wrong !== undefined) expect.fail(`${wrong}, in state ${states}`);
      directories.add([...entries.keys()].join());
    }
    expect(states).toBeGreaterThan(100);
    // Not only the journal's bytes differ, but which files are left.
    expect(directories.size).toBeGreaterThan(30);
    for (const { stream, isOpen } of written) if (isOpen) await stream.close();
  });

  it('that is killed before any of its removals is explained, and ended by the next run', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'throughline-prune-kill-'));
    const written = await writeStreams({ root: join(scratch, 'written') }, () => nodeReadPort);
    for (let survived = 0; ; survived += 1) {
      const root = join(scratch, `after-${survived}`);
      cpSync(join(scratch, 'written'), root, { recursive: true });
      let calls = 0;
      const killed = new Error('killed');
      const removal = watched(() => {
        calls += 1;
        if (calls > survived) throw killed;
      });
      let isKilled = false;
      await pruneStreams({ root, removal, ...tooMuch }).catch((error: unknown) => {
        expect(error).toBe(killed);
        isKilled = true;
      });
      expect(await wrongIn(root, nodeReadPort, written)).toBe(undefined);
      await pruneStreams({ root, ...tooMuch });
      expect(await wrongIn(root, nodeReadPort, written)).toBe(undefined);
      const [, , third, fourth] = written;
      expect(readdirSync(join(root, 'wal', 'wm'))).toEqual(
        [third, fourth].map((one) => one?.stream.writerId),
      );
      expect(readdirSync(join(root, 'wal', 'wm', third?.stream.writerId ?? ''))).toEqual(
        third?.files.slice(-1),
      );
      rmSync(root, { recursive: true });
      if (!isKilled) {
        expect(survived).toBeGreaterThan(12);
        break;
      }
    }
    for (const { stream, isOpen } of written) if (isOpen) await stream.close();
    rmSync(scratch, { recursive: true });
  });

  it('gives the host a turn between any two files it removes', async () => {
    const root = join(mkdtempSync(join(tmpdir(), 'throughline-prune-turns-')), 'root');
    for (let count = 0; count < 4; count += 1) {
      const stream = await openStream({
        root,
        role: 'wm',
        sync: 'inline',
        retention: false,
        segmentBytesMax: 700,
      });
      for (let mark = 0; mark < 30; mark += 1) {
        await stream.append({ event_type: 'test.marked' }, { durability: 'none' });
        if (mark % 3 === 0) await stream.flush();
      }
      await stream.close();
    }
    let turn = 0;
    let isDone = false;
    const count = (): void => {
      turn += 1;
      if (!isDone) setImmediate(count);
    };
    count();
    const turns: number[] = [];
    await pruneStreams({
      root,
      ...tooMuch,
      removal: watched((path) => {
        if (path.endsWith('.jsonl')) turns.push(turn);
      }),
    });
    isDone = true;
    expect(turns.length).toBeGreaterThan(30);
    expect(new Set(turns).size).toBe(turns.length);
    rmSync(join(root, '..'), { recursive: true });
  });
});
