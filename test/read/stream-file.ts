/**
 * Streams written by hand, byte for byte, with fixed ids and times: an independent second writer of docs/format.md,
 * so that golden output does not depend on a clock, a pid or our own encoder.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { hlcAt } from '../../src/context/index.js';

/** 2025-11-21T14:02:11.480Z in microseconds: never today, so that times are printed the same for ever. */
export const epoch: number = Date.UTC(2025, 10, 21, 14, 2, 11, 480) * 1000;

export type Fields = Readonly<Record<string, unknown>>;

/** A correlation id and span ids that are easy to see. */
export function correlation(tail: string): string {
  return `01KAM8VJ5Q3Z9S0V4T${tail.padStart(8, '0')}`;
}

export function span(number: number): string {
  return `000000000000${number.toString(16).padStart(4, '0')}`;
}

export class StreamFile {
  readonly writerId: string;
  readonly directory: string;
  readonly file: string;
  readonly #lines: string[] = [];
  readonly #skewUs: number;
  #sequence = 0;
  #previous = '00000000';

  /** `tail`: the last characters of the writer's ULID. `skewMs`: how far its wall clock is off. */
  constructor(
    root: string,
    role: string,
    tail: string,
    options: { readonly header?: Fields; readonly skewMs?: number; readonly atMs?: number } = {},
  ) {
    this.writerId = `${role}-${correlation(tail)}`;
    this.directory = join(root, 'wal', role, this.writerId);
    this.file = join(this.directory, 'wal-000001.jsonl');
    this.#skewUs = (options.skewMs ?? 0) * 1000;
    this.add(options.atMs ?? -1000, 'wal.opened', {
      payload: { format: 1, role, segment: 1, ...options.header },
    });
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** Adds a record at `atMs` of causal time; `ts` is what this writer's wall clock makes of it. */
  add(atMs: number, eventType: string, fields: Fields = {}): this {
    this.#sequence += 1;
    const us = epoch + Math.round(atMs * 1000);
    const { payload = {}, ...rest } = fields;
    const ts = isoMicroseconds(us + this.#skewUs);
    const head = {
      schema_version: 2,
      sequence: this.#sequence,
      writer_id: this.writerId,
      ts,
      event_type: eventType,
      project_path: '/ws',
      payload,
      ...rest,
      hlc: hlcAt(us),
      synced: this.#sequence - 1,
      prev: this.#previous,
    };
    // ASCII only, as the format asks.
    const text = JSON.stringify(head)
      .slice(0, -1)
      .replace(/[^\x20-\x7e]/g, escapeCharacter);
    this.#previous = crc32(Buffer.from(text)).toString(16).padStart(8, '0');
    this.#lines.push(`${text},"crc":"${this.#previous}"}`);
    return this;
  }

  /** Says that the stream ends here on purpose. */
  seal(atMs: number): this {
    return this.add(atMs, 'wal.sealed', { payload: { count: this.#sequence, next: null } });
  }

  /** Writes the file; `tear` bytes are missing from its end. */
  write(tear = 0): this {
    mkdirSync(this.directory, { recursive: true });
    const bytes = Buffer.from(`${this.#lines.join('\n')}\n`);
    writeFileSync(this.file, bytes.subarray(0, bytes.length - tear));
    return this;
  }
}

/** A run's records, with what every one of them has in common. */
export class RunRecords {
  readonly #stream: StreamFile;
  readonly #common: Fields;

  constructor(
    stream: StreamFile,
    run: {
      readonly correlationId: string;
      readonly span: number;
      readonly parent?: number;
      readonly action: string;
      readonly origin?: Fields;
    },
  ) {
    this.#stream = stream;
    this.#common = {
      correlation_id: run.correlationId,
      wal_run_id: correlation(`R${run.span}`),
      action_name: run.action,
      span_id: span(run.span),
      ...(run.parent === undefined ? {} : { parent_span_id: span(run.parent) }),
      ...(run.origin === undefined ? {} : { origin: run.origin }),
    };
  }

  add(atMs: number, eventType: string, payload: Fields = {}, fields: Fields = {}): this {
    this.#stream.add(atMs, eventType, { ...this.#common, payload, ...fields });
    return this;
  }

  accepted(atMs: number): this {
    return this.add(atMs, 'run.accepted', { durability: 'barrier' });
  }

  dispatched(atMs: number, own: number, runner: string, attempt = 1, parent?: number): this {
    const from = parent === undefined ? this.#common['span_id'] : span(parent);
    return this.add(
      atMs,
      'run.dispatched',
      { attempt, runner },
      { span_id: span(own), parent_span_id: from, origin: undefined },
    );
  }

  handler(atMs: number, own: number, name: string): this {
    return this.add(atMs, 'handler.started', { handler: name }, this.#below(own));
  }

  handlerEnd(atMs: number, own: number, name: string, durationMs: number, error?: Fields): this {
    const event = error === undefined ? 'handler.completed' : 'handler.failed';
    const payload = { handler: name, duration_ms: durationMs, ...(error ? { error } : {}) };
    return this.add(atMs, event, payload, this.#below(own));
  }

  effect(atMs: number, own: number, path: string, after: string): this {
    const payload = { path, change: 'modified', before: null, after: { sha256: after, bytes: 5 } };
    return this.add(atMs, 'effect.applied', payload, this.#below(own));
  }

  completed(atMs: number, durationMs: number): this {
    return this.add(atMs, 'run.completed', { duration_ms: durationMs, answered: true });
  }

  failed(atMs: number, durationMs: number, error: Fields): this {
    return this.add(atMs, 'run.failed', { duration_ms: durationMs, answered: true, error });
  }

  #below(own: number): Fields {
    return { span_id: span(own), parent_span_id: this.#common['span_id'], origin: undefined };
  }
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function isoMicroseconds(us: number): string {
  const ms = Math.floor(us / 1000);
  return `${new Date(ms).toISOString().slice(0, -1)}${String(us - ms * 1000).padStart(3, '0')}Z`;
}
