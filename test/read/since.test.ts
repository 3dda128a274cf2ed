/** What `since` leaves out without listing it: the same streams as by looking at all files of each. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal } from '../../src/read/index.js';
import { nativeSource } from '../../src/read/sources/native-source.js';
import { boundedReadPort, openStream, type ReadPort } from '../../src/wal/index.js';
import { Random, StreamBytes } from '../support/bytes.mjs';
import { failingDisk } from '../wal/support/failing-disk.js';

/** 2025-11-21T14:02:11.480Z. */
const epochUs = 1_763_733_731_480_000;
const hourUs = 3_600_000_000;
const random = new Random(7);
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-since-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Shape {
  readonly role?: string;
  readonly records?: number;
  readonly segmentBytesMax?: number;
  readonly isSealed?: boolean;
}

/** A stream whose records were written at `atUs` and in the second after it; returns its directory. */
function write(atUs: number, shape: Shape = {}): string {
  const { role = 'er', records = 4, isSealed = true, segmentBytesMax } = shape;
  const writerId = `${role}-${random.ulid(Math.floor(atUs / 1000))}`;
  const stream = new StreamBytes(root, { role, writerId, segmentBytesMax });
  for (let index = 0; index < records; index += 1)
    stream.add(atUs + index * 8, 'run.accepted', '{}');
  stream.end(atUs + 1_000_000, isSealed);
  return stream.directory;
}

function file(directory: string, number = 1): string {
  return join(directory, `wal-00000${number}.jsonl`);
}

function age(path: string, atUs: number): void {
  utimesSync(path, atUs / 1e6, atUs / 1e6);
}

/** Whom `since` leaves in, how many it leaves out, and how many directories were listed for that. */
async function look(since: number, port: ReadPort = boundedReadPort()) {
  let listed = 0;
  const counting: ReadPort = {
    ...port,
    list: (path) => {
      if (/^[a-z]+-[0-9A-Z]{26}$/.test(basename(path))) listed += 1;
      return port.list(path);
    },
  };
  const sources = [nativeSource(root, counting)];
  const { streams, notRead, problems } = await openJournal({ roots: [], sources, since });
  return { read: streams.map(({ writerId }) => writerId), notRead, problems, listed };
}

/** The same by listing every directory. */
async function lookAtAll(since: number) {
  const port = boundedReadPort();
  return look(since, { list: (path) => port.list(path), open: (path) => port.open(path) });
}

it('does not list the directory of a stream that was closed before', async () => {
  for (let index = 0; index < 5; index += 1) write(epochUs);
  write(epochUs, { records: 100 });
  const after = write(epochUs + 2 * hourUs);
  const found = await look(epochUs + hourUs);
  expect(found).toMatchObject({ notRead: 6, listed: 1, problems: [] });
  expect(found.read).toEqual([basename(after)]);
});

it('finds no fault in a root of which nothing is read', async () => {
  write(epochUs);
  expect(await look(epochUs + hourUs)).toMatchObject({ read: [], notRead: 1, problems: [] });
});

/** What may be found instead of a file that ends with the last seal; the stream is from before `since`. */
const shapes: readonly (readonly [string, (directory: string) => void])[] = [
  ['is not sealed', (at) => truncateSync(file(at), lastLineAt(at))],
  ['ends in half a seal', (at) => truncateSync(file(at), readFileSync(file(at)).length - 5)],
  ['has a seal that is damaged', (at) => flip(file(at), -60)],
  ['has records behind the seal', (at) => appendFileSync(file(at), '{"schema_version":2}\n')],
  ['is another writer’s', (at) => cpSync(file(write(epochUs)), file(at))],
  ['is empty', (at) => truncateSync(file(at), 0)],
  ['is full of newlines', (at) => writeFileSync(file(at), '\n'.repeat(9000))],
  ['is not the first', (at) => renameSync(file(at), file(at, 2))],
  [
    'is a link',
    (at) => {
      renameSync(file(at), join(root, 'elsewhere'));
      symlinkSync(join(root, 'elsewhere'), file(at));
    },
  ],
  [
    'is a directory',
    (at) => {
      rmSync(file(at));
      mkdirSync(file(at));
    },
  ],
  [
    'is a pipe',
    (at) => {
      rmSync(file(at));
      execFileSync('mkfifo', [file(at)]);
    },
  ],
  ['is not there', (at) => rmSync(file(at))],
];

describe('a directory is listed whose first file', () => {
  it.skipIf(process.platform === 'win32').each(shapes)('%s', async (_, change) => {
    const directory = write(epochUs);
    change(directory);
    const since = epochUs + hourUs;
    const found = await look(since);
    const all = await lookAtAll(since);
    expect(found.read).toEqual(all.read);
    expect(found.notRead).toBe(all.notRead);
    expect(found.listed).toBe(1);
  });

  it('is one of several, whichever is left of them', async () => {
    const [all, lastOnly, firstOnly] = [0, 1, 2].map(() =>
      write(epochUs, { records: 40, segmentBytesMax: 8000 }),
    );
    rmSync(file(lastOnly ?? ''));
    rmSync(file(firstOnly ?? '', 2));
    age(file(all ?? '', 2), epochUs + 2 * hourUs);
    const found = await look(epochUs + hourUs);
    expect(found).toMatchObject({
      listed: 3,
      notRead: (await lookAtAll(epochUs + hourUs)).notRead,
    });
  });

  it('was superseded by another one after a failure', async () => {
    const fs = failingDisk((kind, count) => kind === 'datasync' && count === 2);
    const stream = await openStream({ root, role: 'wm', fs, sealOnExit: false });
    await stream.append({ event_type: 'test.marked' });
    await stream.close();
    expect(readdirSync(stream.directory)).toHaveLength(2);
    const now = Date.now() * 1000;
    expect(await look(now + hourUs)).toMatchObject({ notRead: 1, listed: 1 });
    expect(await look(now - hourUs)).toMatchObject({ notRead: 0, listed: 1 });
  });
});

it('still knows a closed stream in a copy, by its content and not by the times of its files', async () => {
  write(epochUs);
  const from = join(root, 'wal');
  cpSync(from, `${from}-copy`, { recursive: true });
  rmSync(from, { recursive: true });
  renameSync(`${from}-copy`, from);
  expect(await look(epochUs + hourUs)).toMatchObject({ notRead: 1, listed: 0 });
  expect(await look(epochUs)).toMatchObject({ notRead: 0, listed: 1 });
});

it('lists a closed stream whose file ends in newlines, which a power cut may leave', async () => {
  appendFileSync(file(write(epochUs)), '\n'.repeat(3000));
  expect(await look(epochUs + hourUs)).toMatchObject({ notRead: 1, listed: 1 });
});

it('looks into few of many streams in a row that were killed, and into all again once one was closed', async () => {
  for (let index = 0; index < 80; index += 1) {
    age(file(write(epochUs + index * 10_000, { isSealed: false })), epochUs);
  }
  for (let index = 0; index < 20; index += 1) write(epochUs + 1_000_000 + index * 10_000);
  const port = boundedReadPort();
  let looked = 0;
  const counting: ReadPort = {
    ...port,
    readEnd: (path, target) => {
      looked += 1;
      return port.readEnd?.(path, target) ?? 0;
    },
  };
  const found = await look(epochUs + hourUs, counting);
  expect(found).toMatchObject({ read: [], notRead: 100 });
  // The first 8, each eighth of the others, and of those that were closed all but the first few.
  expect(looked).toBeGreaterThanOrEqual(8 + 9 + 13);
  expect(looked).toBeLessThanOrEqual(8 + 9 + 20);
});

it('leaves out the same streams as by listing, over random roots and times', async () => {
  for (let index = 0; index < 80; index += 1) {
    const atUs = epochUs + (random.below(9) - 4) * (random.below(2) === 0 ? 30_000_000 : hourUs);
    const directory = write(atUs, {
      role: ['er', 'wm', 'prune'][random.below(3)] ?? 'er',
      records: random.below(3) === 0 ? 60 : 1 + random.below(4),
      isSealed: random.below(3) !== 0,
      ...(random.below(3) === 0 ? { segmentBytesMax: 2000 } : {}),
    });
    if (random.below(4) === 0) shapes[random.below(8)]?.[1](directory);
    for (const name of readdirSync(directory)) {
      if (random.below(2) === 0)
        age(join(directory, name), epochUs + (random.below(9) - 4) * hourUs);
    }
  }
  let notRead = 0;
  for (let step = -300; step <= 300; step += 20) {
    const since = epochUs + step * 60_000_000;
    const [found, all] = [await look(since), await lookAtAll(since)];
    expect(found.read).toEqual(all.read);
    expect(found.notRead).toBe(all.notRead);
    expect(found.listed).toBeLessThanOrEqual(all.listed);
    notRead += found.notRead;
  }
  expect(notRead).toBeGreaterThan(500);
});

it.each([Number.NEGATIVE_INFINITY, -1e30, 0, 1e30, Number.POSITIVE_INFINITY, Number.NaN])(
  'takes any number for a time: %d',
  async (since) => {
    write(epochUs);
    const [found, all] = [await look(since), await lookAtAll(since)];
    expect(found).toMatchObject({ read: all.read, notRead: all.notRead });
  },
);

function lastLineAt(directory: string): number {
  const bytes = readFileSync(file(directory));
  return bytes.lastIndexOf(10, bytes.length - 2) + 1;
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8((bytes.at(at) ?? 0) ^ 1, bytes.length + at);
  writeFileSync(path, bytes);
}
