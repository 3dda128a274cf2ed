/** Signed checkpoints while a stream is open, and what is found out with them when its end is cut off. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  listStreams,
  openStream,
  readCheckpoints,
  readReferences,
  verifyStream,
  type Stream,
  type VerifyOptions,
  type VerifyReport,
} from '../../src/wal/index.js';
import { failingDisk } from './support/failing-disk.js';
import { otherPublicKey, testKey, testPublicKey as publicKey } from './support/keys.js';
import { until } from './support/poll.js';

let scratch: string;
let root: string;
let notes: string[];

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'throughline-checkpoint-'));
  root = scratch;
  notes = [];
});

afterEach(() => rmSync(scratch, { recursive: true }));

function onCheckpoint(note: string): void {
  notes.push(note);
}

interface Written {
  readonly writerId: string;
  readonly directory: string;
}

function open(intervalMs: number, options: Partial<Parameters<typeof openStream>[0]> = {}) {
  return openStream({
    root,
    role: 'wm',
    sync: 'inline',
    retention: false,
    sealOnExit: false,
    checkpointKey: { id: 'k1', privateKey: testKey, intervalMs, onCheckpoint },
    ...options,
  });
}

/** A stream with a checkpoint after its fourth record, and two records behind it. */
async function checkpointed(): Promise<Stream> {
  const stream = await open(100);
  for (const mark of ['a', 'b', 'c']) await append(stream, mark);
  await until(() => notes.length > 0);
  for (const mark of ['d', 'e']) await append(stream, mark);
  return stream;
}

/** What a crash leaves of such a stream, under a root of its own: nobody writes there any more. */
async function crashed(): Promise<Written> {
  const live = await checkpointed();
  const copy = join(root, 'copy');
  const directory = join(copy, 'wal', 'wm', live.writerId);
  cpSync(live.directory, directory, { recursive: true });
  await live.close();
  root = copy;
  return { writerId: live.writerId, directory };
}

async function append(stream: Stream, mark: string): Promise<number> {
  const { sequence = 0 } = await stream.append({ event_type: 'test.marked', payload: { mark } });
  return sequence;
}

async function verify(options: VerifyOptions = {}): Promise<VerifyReport> {
  const [ref] = await listStreams(root);
  return await verifyStream(ref!, options);
}

function spell({ faults }: VerifyReport): readonly string[] {
  return faults.map(
    ({ verdict, sequenceFrom, sequenceTo }) =>
      `${verdict} ${sequenceFrom ?? ''}..${sequenceTo ?? ''}`,
  );
}

function linesOf({ directory }: Written): readonly string[] {
  return readFileSync(join(directory, 'wal-000001.jsonl'), 'latin1').split('\n').slice(0, -1);
}

function put({ directory }: Written, lines: readonly string[]): void {
  const text = lines.map((line) => `${line}\n`).join('');
  writeFileSync(join(directory, 'wal-000001.jsonl'), text, 'latin1');
}

function types(stream: Written): readonly string[] {
  return linesOf(stream).map((line) => (JSON.parse(line) as { event_type: string }).event_type);
}

describe('a checkpoint', () => {
  it('is written while the stream is open, covers what is before it, and is handed out', async () => {
    const stream = await checkpointed();
    expect(types(stream).slice(0, 5)).toEqual([
      'wal.opened',
      'test.marked',
      'test.marked',
      'test.marked',
      'wal.checkpoint',
    ]);
    const report = await verify({ publicKey });
    expect(spell(report)).toEqual([`UNSEALED ..${report.last}`]);
    expect(report.signedTo).toBeGreaterThanOrEqual(4);
    expect(readCheckpoints(notes[0] ?? '', publicKey)).toMatchObject([
      { writerId: stream.writerId, file: 'wal-000001.jsonl', lastSequence: 4 },
    ]);
    await stream.close();
    expect(spell(await verify({ publicKey }))).toEqual([]);
    // The seal's was handed out as well, and verify can hand it out again.
    expect((await verify({ publicKey })).checkpoint).toBe(notes.at(-1));
  });

  it('comes to a stream that has gone quiet, and then no more', async () => {
    const stream = await open(5);
    await append(stream, 'a');
    await until(() => notes.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(types(stream)).toEqual(['wal.opened', 'test.marked', 'wal.checkpoint']);
    await stream.close();
  });

  it('takes a sequence of its own, and no caller is told a wrong one', async () => {
    const stream = await open(1, { sync: 'worker' });
    const told: number[] = [];
    for (let count = 0; count < 60; count += 1) told.push(await append(stream, `m${count}`));
    await stream.close();
    const found = linesOf(stream)
      .map((line) => JSON.parse(line) as { sequence: number; payload: { mark?: string } })
      .filter(({ payload }) => payload.mark !== undefined);
    expect(told).toEqual(found.map(({ sequence }) => sequence));
    expect(types(stream).filter((type) => type === 'wal.checkpoint').length).toBeGreaterThan(1);
    expect(spell(await verify({ publicKey }))).toEqual([]);
  });

  it('says nothing of a file that a failover left', async () => {
    // Every datasync but the header's fails once the checkpoint is due, and the batch moves to a second file.
    let isBroken = false;
    const disk = failingDisk((kind) => {
      if (kind !== 'datasync' || !isBroken) return false;
      isBroken = false;
      return true;
    });
    const stream = await open(20, { fs: disk });
    await append(stream, 'a');
    isBroken = true;
    await until(() => !isBroken);
    await append(stream, 'b');
    await stream.close();
    const report = await verify({
      publicKey,
      checkpoints: readCheckpoints(notes.join(''), publicKey),
    });
    expect(spell(report).filter((fault) => !fault.startsWith('SUPERSEDED'))).toEqual([]);
    expect(stream.metrics().failovers).toBe(1);
  });

  it('is refused when it is not signed with the given key', async () => {
    await (await checkpointed()).close();
    const { faults } = await verify({ publicKey: otherPublicKey });
    expect(faults[0]?.message).toBe('the checkpoint is not signed with the given key');
    expect(() => readCheckpoints(notes.join(''), otherPublicKey)).toThrow(
      expect.objectContaining({ code: 'ARGUMENT_INVALID' }),
    );
    expect(() => readCheckpoints('no note\n', publicKey)).toThrow(
      expect.objectContaining({ code: 'ARGUMENT_INVALID' }),
    );
  });
});

describe('the end of an unsealed stream, cut off between two records', () => {
  it('is found out up to the last checkpoint that was kept elsewhere, wherever it was cut', async () => {
    const stream = await crashed();
    const lines = linesOf(stream);
    const checkpoints = readCheckpoints(notes[0] ?? '', publicKey);
    for (let kept = 1; kept < 4; kept += 1) {
      put(stream, lines.slice(0, kept));
      expect(spell(await verify({ publicKey, checkpoints }))).toContain(`GAP ${kept + 1}..4`);
    }
    for (let kept = 4; kept <= lines.length; kept += 1) {
      put(stream, lines.slice(0, kept));
      expect(spell(await verify({ publicKey, checkpoints }))).toEqual([`UNSEALED ..${kept}`]);
    }
    put(stream, []);
    expect(spell(await verify({ publicKey, checkpoints }))).toContain('MISSING ..4');
    rmSync(join(stream.directory, 'wal-000001.jsonl'));
    expect(spell(await verify({ publicKey, checkpoints }))).toContain('MISSING ..4');
  });

  it('is not found out from the stream alone', async () => {
    const stream = await crashed();
    put(stream, linesOf(stream).slice(0, 3));
    expect(spell(await verify({ publicKey }))).toEqual(['UNSEALED ..3']);
  });

  it('is found out by the next stream of the role, as far as it saw it durable', async () => {
    const stream = await crashed();
    const lines = linesOf(stream);
    const synced = (JSON.parse(lines.at(-1) ?? '') as { synced: number }).synced;
    const next = await open(60_000);
    await next.close();
    const references = await readReferences(await listStreams(root));
    const reference = references.get(stream.writerId);
    expect(reference?.sequence).toBe(synced);
    expect(spell(await verify({ reference }))).toEqual([`UNSEALED ..${lines.length}`]);
    put(stream, lines.slice(0, 2));
    const cut = await verify({ reference });
    expect(spell(cut)).toContain(`GAP 3..${synced}`);
    expect(cut.faults.at(-1)?.message).toBe(
      `the header of ${next.writerId} says that record ${synced} was durable; the stream ends with 2`,
    );
  });
});

describe('who has not the key', () => {
  it('cannot write the past of an open stream anew', async () => {
    const stream = await crashed();
    let prev = '00000000';
    const forged = linesOf(stream).map((line) => {
      const head = `${line.replace('"mark":"b"', '"mark":"x"').slice(0, -36)},"prev":"${prev}"`;
      prev = crc32(head).toString(16).padStart(8, '0');
      return `${head},"crc":"${prev}"}`;
    });
    put(stream, forged);
    expect(spell(await verify())).toContain('CORRUPT 5..5');
    const checkpoints = readCheckpoints(notes[0] ?? '', publicKey);
    const { faults, signedTo } = await verify({ publicKey, checkpoints });
    expect(faults.map(({ message }) => message)).toContain(
      'wal-000001.jsonl is not what a checkpoint kept elsewhere says of it',
    );
    expect(signedTo).toBe(0);
  });
});
