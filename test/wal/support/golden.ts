/**
 * The golden streams: every byte fixed, because clock, ids and identity are. docs/format.md describes them, and a
 * reader in another language is right when it says of each what `expected.json` says.
 */
import { createHash } from 'node:crypto';
import { HybridClock } from '../../../src/context/index.js';
import { hex8, linesOf, origin, type Position } from '../../../src/wal/record/assemble.js';
import { encodeBody } from '../../../src/wal/record/encode.js';
import { signer } from '../../../src/wal/segment/checkpoint.js';
import type { RecordInput } from '../../../src/wal/index.js';
import { testKey } from './keys.js';

export const writerId = 'wm-01KAM8VJ5Q3Z9S0V4T6R8Y2XEW';

const sign = signer({ id: 'golden', privateKey: testKey });

/** Files of each stream, by name, as they must be on disk. */
export function goldenStreams(): Readonly<Record<string, Readonly<Record<string, Uint8Array>>>> {
  const sealed = sealedStream();
  const lines = text(sealed).split('\n');
  const torn = text(sealed).slice(0, lines.slice(0, 7).join('\n').length + 1 + 40);
  const corrupt = text(sealed).replace('"lint"', '"lent"');
  return {
    sealed: { 'wal-000001.jsonl': sealed },
    torn: { 'wal-000001.jsonl': bytes(torn) },
    corrupt: { 'wal-000001.jsonl': bytes(corrupt) },
    dropped: { 'wal-000001.jsonl': bytes(lines.toSpliced(4, 1).join('\n')) },
    duplicated: { 'wal-000001.jsonl': bytes(lines.toSpliced(4, 0, lines[4] ?? '').join('\n')) },
    padded: { 'wal-000001.jsonl': bytes(`${lines.slice(0, 6).join('\n')}\n${'\n'.repeat(1000)}`) },
    ...chained(),
    ...checkpointed(),
  };
}

class Builder {
  readonly #clock: HybridClock;
  readonly #hash = createHash('sha256');
  #ticks = 0;
  #text = '';
  #count = 0;
  /** Of the last checkpoint. */
  note = '';
  end: Position;

  constructor(from: Position = origin) {
    this.end = from;
    this.#clock = new HybridClock({
      time: { wallMs: () => 1_763_733_731_480 + this.#ticks, monotonicMs: () => this.#ticks },
    });
  }

  get bytes(): number {
    return this.#text.length;
  }

  get sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  flush(synced: number, ...records: RecordInput[]): this {
    this.#ticks += 1;
    const bodies = records.map(
      (record) => encodeBody(record, this.#clock, '/home/ada/project', 65_536).text,
    );
    const { bytes: assembled, end } = linesOf(bodies, writerId, this.end.sequence + 1).assemble({
      from: this.end,
      synced,
      writerId,
    });
    this.#hash.update(assembled);
    this.#text += Buffer.from(assembled).toString('latin1');
    this.#count += records.length;
    this.end = end;
    return this;
  }

  seal(next: string | null): this {
    const { sha256, bytes: size } = this;
    const payload = { count: this.#count, bytes: size, sha256, next, reason: 'golden' };
    return this.flush(this.end.sequence, { event_type: 'wal.sealed', payload });
  }

  checkpoint(): this {
    const { sha256, bytes: size } = this;
    const file = 'wal-000001.jsonl';
    const { sequence: lastSequence } = this.end;
    const signed = sign({ writerId, file, lastSequence, bytes: size, sha256 });
    this.note = signed.note;
    const payload = { file, bytes: size, sha256, checkpoint: signed.record };
    return this.flush(lastSequence, { event_type: 'wal.checkpoint', payload });
  }

  content(): Uint8Array {
    return bytes(this.#text);
  }
}

function sealedStream(): Uint8Array {
  const run = {
    wal_run_id: '01KAM8VJ6A0000000000000000',
    correlation_id: '01KAM8VJ5Q3Z9S0V4T6R8Y2XEX',
    action_name: 'lint',
    env_name: 'node',
  };
  const [accepted, dispatched] = ['00f067aa0ba902b7', '53995c3f42cd8ad8'];
  const entry = { parent_span_id: '0c2d4e6f8a9b1c3d', trigger: 'user', dev_env: 'ide' };
  return new Builder()
    .flush(0, opened(1, {}))
    .flush(
      1,
      {
        event_type: 'run.accepted',
        ...run,
        ...entry,
        span_id: accepted,
        payload: { params_hash: '8d2f', durability: 'barrier', rpc: { connection: 'a', id: 7 } },
        links: [{ trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: 'b7ad6b7169203331' }],
        origin: { front: 'mcp', method: 'tools/call', name: 'lint', client: 'agent' },
        peer: { transport: 'tcp', address: '127.0.0.1' },
      },
      {
        event_type: 'run.dispatched',
        ...run,
        span_id: dispatched,
        parent_span_id: accepted,
        payload: { attempt: 1, runner: 'node' },
      },
    )
    .flush(3, { event_type: 'runner.started', payload: { runner: 'node', pid: 4711 } })
    .flush(4, {
      event_type: 'effect.applied',
      ...run,
      span_id: accepted,
      payload: { path: '/home/ada/project/\u00fcbung\u2028 \ud83d\udca1.ts', change: 'modified' },
    })
    .flush(5, { event_type: 'wal.alive', payload: { open_runs: 1 } })
    .flush(6, { event_type: 'wal.late', payload: { barriers: 1, waited_ms: 1200 } })
    .flush(
      7,
      {
        event_type: 'run.completed',
        ...run,
        span_id: accepted,
        payload: { duration_ms: 41.5, answered: true },
      },
      { event_type: 'runner.stopped', payload: { runner: 'node', exit_code: 0 } },
    )
    .seal(null)
    .content();
}

/** Streams of two files: rotated, and failed over. */
function chained(): Record<string, Record<string, Uint8Array>> {
  const begun = (): Builder =>
    new Builder().flush(0, opened(1, {})).flush(1, marked('a')).flush(2, marked('b'));
  const first = begun();
  const { end, bytes: size, sha256 } = first;
  const before = first.content();
  const claim = { last_sequence: end.sequence, last_crc: hex8(end.crc) };
  const sealed = first.seal('wal-000002.jsonl');
  const predecessor = { file: 'wal-000001.jsonl', ...claim, bytes: size, sha256 };
  const second = new Builder(sealed.end).flush(3, opened(2, { predecessor })).flush(5, marked('c'));
  const failed = new Builder(end).flush(3, marked('lost once'));
  const supersedes = { file: 'wal-000001.jsonl', ...claim };
  const anew = new Builder(end).flush(3, opened(2, { supersedes })).flush(4, marked('lost once'));
  const other = new Builder(sealed.end).flush(
    3,
    opened(2, { predecessor: { ...predecessor, last_crc: '00c0ffee' } }),
  );
  // Next files that could not be made: the old one goes on, and is sealed at once, or rotated after one more record.
  const ended = begun().seal(null);
  const gone = begun().flush(3, marked('c')).seal('wal-000003.jsonl');
  const rotated = { 'wal-000001.jsonl': sealed.content(), 'wal-000002.jsonl': second.content() };
  return {
    rotated,
    'rotated-unsealed': { ...rotated, 'wal-000001.jsonl': before },
    'rotated-missing': { 'wal-000002.jsonl': second.content() },
    'rotated-next-missing': { 'wal-000001.jsonl': sealed.content() },
    'rotated-from-another': {
      'wal-000001.jsonl': before,
      'wal-000002.jsonl': other.content(),
    },
    'rotated-unused': {
      'wal-000001.jsonl': ended.content(),
      'wal-000002.jsonl': second.content(),
    },
    'rotated-unused-missing': {
      'wal-000001.jsonl': gone.content(),
      'wal-000002.jsonl': second.content(),
    },
    'failed-over': {
      'wal-000001.jsonl': bytes(text(before) + text(failed.content())),
      'wal-000002.jsonl': anew.content(),
    },
  };
}

/** An open stream with signed checkpoints, and the same one cut between two records. */
function checkpointed(): Record<string, Record<string, Uint8Array>> {
  const content = checkpointedStream().content();
  const lines = text(content).split('\n');
  return {
    checkpointed: { 'wal-000001.jsonl': content },
    'checkpointed-cut': { 'wal-000001.jsonl': bytes(`${lines.slice(0, 4).join('\n')}\n`) },
  };
}

/** What was kept elsewhere of it. */
export function goldenNote(): string {
  return checkpointedStream().note;
}

function checkpointedStream(): Builder {
  return new Builder()
    .flush(0, opened(1, {}))
    .flush(1, marked('a'))
    .checkpoint()
    .flush(3, marked('b'), marked('c'))
    .checkpoint()
    .flush(6, marked('d'));
}

function marked(mark: string): RecordInput {
  return { event_type: 'test.marked', payload: { mark } };
}

function opened(segment: number, more: NonNullable<RecordInput['payload']>): RecordInput {
  return {
    event_type: 'wal.opened',
    payload: {
      format: 1,
      role: 'wm',
      segment,
      pid: 4242,
      process_start: '123456',
      boot_id: '3f0d7a52-7c5b-4c55-9d21-0b6f0f3c9a11',
      machine: '0123456789abcdef',
      pid_namespace: 'pid:[4026531836]',
      host: 'golden',
      platform: 'linux-x64',
      node: 'v20.20.2',
      ...more,
    },
  };
}

function bytes(content: string): Uint8Array {
  return Buffer.from(content, 'latin1');
}

function text(content: Uint8Array): string {
  return Buffer.from(content).toString('latin1');
}
