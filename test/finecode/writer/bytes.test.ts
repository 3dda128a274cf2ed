/** The same input gives the same bytes, from either language: the golden streams, and streams written side by side. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonValue, record as recordOf, sample, string } from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HybridClock } from '../../../src/context/index.js';
import { openStream, type FileSystem, type RecordInput } from '../../../src/wal/index.js';
import { failingDisk } from '../../wal/support/failing-disk.js';
import { ask, pythons } from './support/python.js';

const golden = fileURLToPath(new URL('../../golden/wal', import.meta.url));
const startMs = 1_763_733_731_480;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'throughline-bytes-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

interface Input {
  /** Each is one flush. */
  readonly steps: readonly (readonly RecordInput[])[];
  readonly segmentBytesMax?: number;
  /** [operation, number]: fails with EIO. */
  readonly fails?: readonly (readonly ['write' | 'datasync' | 'create', number])[];
}

/** Files of the only stream under `root`, by name. */
function files(root: string): Readonly<Record<string, string>> {
  const role = join(root, 'wal', 'wm');
  const stream = join(role, readdirSync(role).toSorted().at(-1) ?? '');
  return Object.fromEntries(
    readdirSync(stream).map((file) => [file, readFileSync(join(stream, file), 'latin1')]),
  );
}

function disk(fails: Input['fails'] = []): FileSystem {
  return failingDisk((kind, count) => fails.some(([what, at]) => what === kind && at === count));
}

const at = (step: number): number => startMs + step * 3;

async function writeHere(root: string, { steps, segmentBytesMax, fails }: Input): Promise<string> {
  let nowMs = startMs;
  const time = { wallMs: () => nowMs, monotonicMs: () => nowMs - startMs };
  const stream = await openStream({
    root,
    role: 'wm',
    fs: disk(fails),
    clock: new HybridClock({ time }),
    relaxedDelayMsMax: 60_000,
    header: { added: 'by the host' },
    ...(segmentBytesMax === undefined ? {} : { segmentBytesMax }),
  });
  for (const [step, records] of steps.entries()) {
    nowMs = at(step);
    const rest = records.slice(0, -1);
    for (const record of rest) void stream.append(record, { durability: 'relaxed' });
    await stream.append(records.at(-1) as RecordInput);
  }
  await stream.close();
  return stream.writerId;
}

/** What Python cannot know of the stream written here: its name, and who this process is. */
function inputsFor(root: string, writerId: string): object {
  const [line = ''] = files(root)['wal-000001.jsonl']?.split('\n') ?? [];
  const { payload } = JSON.parse(line) as { readonly payload: Readonly<Record<string, unknown>> };
  const identity = Object.fromEntries(
    Object.entries(payload).filter(
      ([name]) => !['added', 'format', 'role', 'segment', 'previous_stream'].includes(name),
    ),
  );
  return { identity, ulid: writerId.slice('wm-'.length), header: { added: 'by the host' } };
}

async function expectSameBytes(input: Input): Promise<Readonly<Record<string, string>>> {
  const [here, there] = [join(directory, 'node'), join(directory, 'python')];
  const writerId = await writeHere(here, input);
  await ask('replay.py', {
    root: there,
    ...inputsFor(here, writerId),
    start_us: startMs * 1000,
    fails: input.fails ?? [],
    limits: { segment_bytes_max: input.segmentBytesMax ?? 8_388_608 },
    steps: input.steps.map((records, step) => ({ at_us: at(step) * 1000, records })),
  });
  expect(files(there)).toEqual(files(here));
  return files(there);
}

const run = { wal_run_id: '01KAM8VJ6A0000000000000000', action_name: 'lint', env_name: 'node' };
const accepted: RecordInput = {
  event_type: 'run.accepted',
  ...run,
  correlation_id: '01KAM8VJ5Q3Z9S0V4T6R8Y2XEX',
  span_id: '00f067aa0ba902b7',
  parent_span_id: '0c2d4e6f8a9b1c3d',
  trigger: 'user',
  dev_env: 'ide',
  project_path: '/home/ada/\u00fcbung',
  payload: { params_hash: '8d2f', rpc: { connection: 'a', id: 7 }, deep: [[1, null, true, 4.5]] },
  links: [{ trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: 'b7ad6b7169203331' }],
  origin: { front: 'mcp', method: 'tools/call', name: 'lint', client: 'agent' },
  peer: { transport: 'tcp', address: '127.0.0.1' },
};
const completed: RecordInput = {
  event_type: 'run.completed',
  ...run,
  payload: { duration_ms: 41.5, answered: true },
};
const marked = (mark: string): RecordInput => ({ event_type: 'test.marked', payload: { mark } });
const steps = [[accepted, marked('a')], [marked('b')], [marked('c'), marked('d'), completed]];

describe.skipIf(pythons.length === 0)('in Python', () => {
  it('golden streams are written byte for byte', async () => {
    const names = [
      'sealed/wal-000001.jsonl',
      'rotated/wal-000001.jsonl',
      'rotated/wal-000002.jsonl',
      'failed-over/wal-000002.jsonl',
      'checkpointed/wal-000001.jsonl',
    ];
    const made = await ask<Readonly<Record<string, readonly [string, boolean]>>>('golden.py', {
      golden,
      files: names,
    });
    for (const name of names) {
      expect(made[name]?.[0]).toBe(readFileSync(join(golden, name), 'latin1'));
    }
  });

  it('a stream has the bytes that the same calls give in Node', async () => {
    expect(Object.keys(await expectSameBytes({ steps }))).toEqual(['wal-000001.jsonl']);
  });

  it('a stream that rotates has the bytes that the same calls give in Node', async () => {
    const made = await expectSameBytes({ steps, segmentBytesMax: 1200 });
    expect(Object.keys(made)).toEqual(['wal-000001.jsonl', 'wal-000002.jsonl']);
  });

  it('a next file that cannot be made leaves the bytes that it leaves in Node', async () => {
    const long = [...steps, [marked('x'.repeat(2000))], [marked('e')]];
    const fails = [['create', 2]] as const;
    const made = await expectSameBytes({ steps: long, segmentBytesMax: 1200, fails });
    expect(Object.keys(made)).toEqual(['wal-000001.jsonl', 'wal-000003.jsonl', 'wal-000004.jsonl']);
  });

  for (const fault of ['write', 'datasync'] as const) {
    it(`a stream whose ${fault} fails goes on with the bytes that it has in Node`, async () => {
      const made = await expectSameBytes({ steps, fails: [[fault, 3]] });
      expect(Object.keys(made)).toEqual(['wal-000001.jsonl', 'wal-000002.jsonl']);
      expect(made['wal-000002.jsonl']).toContain('"supersedes":{"file":"wal-000001.jsonl"');
    });
  }

  it('a second stream of the role names the first, and has the bytes that it has in Node', async () => {
    await expectSameBytes({ steps: [[marked('a')]] });
    const second = await expectSameBytes({ steps: [[marked('b')]] });
    expect(second['wal-000001.jsonl']).toContain('"previous_stream":{"writer_id":"wm-');
  });

  it('texts of any characters are spelled as in Node', async () => {
    const json = jsonValue({ maxDepth: 3 });
    const payloads = sample(recordOf({ text: string({ unit: 'binary' }), value: json }), {
      numRuns: 300,
      seed: 7,
    });
    const isSpelledAlike = (value: unknown): boolean =>
      // 1e-7 and -0 are the same numbers in both, and spelled otherwise.
      typeof value === 'number'
        ? Number.isSafeInteger(value) && !Object.is(value, -0)
        : typeof value !== 'object' || value === null || Object.values(value).every(isSpelledAlike);
    const records = payloads
      .filter(isSpelledAlike)
      .map((payload) => ({ event_type: 'test.marked', payload: payload as never }));
    expect(records.length).toBeGreaterThan(100);
    await expectSameBytes({ steps: [records] });
  });
});
