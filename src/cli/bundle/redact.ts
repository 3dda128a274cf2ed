/**
 * A record without the texts that may be private. Ids, times, sizes and the names of code stay; everything else that is
 * text becomes its length and a token that is the same for equal texts within one bundle and means nothing outside it.
 */
import { createHmac, randomBytes } from 'node:crypto';

type Json = Readonly<Record<string, unknown>>;

/** Members that hold ids, times, kinds and numbers in text form: whatever is in them stays. */
const ids: ReadonlySet<string> = new Set([
  'boot_id',
  'change',
  'correlation_id',
  'crc',
  'durability',
  'event_type',
  'hlc',
  'last_crc',
  'lost_writer_id',
  'machine',
  'node',
  'parent_span_id',
  'pid_namespace',
  'platform',
  'prev',
  'process_start',
  'role',
  'span_id',
  'trace_id',
  'trigger',
  'ts',
  'wal_run_id',
  'writer_id',
]);
/** Members that hold names of code: they stay unless they look like a path or a sentence. */
const names: ReadonlySet<string> = new Set([
  'action_name',
  'class',
  'client',
  'code',
  'dev_env',
  'env_name',
  'execution',
  'front',
  'handler',
  'method',
  'name',
  'resolution',
  'runner',
  'signal',
  'transport',
]);
/** `ruff_format`, `tools/call`, `workbench/1.2.0`; at most one slash. */
const namePattern = /^[\w.@$+:-]{1,80}(?:\/[\w.@$+:-]{1,80})?$/;
/** What was asked for, in scalars that the host chose: numbers in it may be private, too. */
const numbers: ReadonlySet<string> = new Set(['summary', 'params']);
const pathPattern = /(?:^|_)path$/;
const digestPattern = /^[0-9a-f]{64}$/;

export class Redactor {
  readonly #key = randomBytes(32);

  /** A copy of the record. */
  record(record: Json): Json {
    return this.#object(record, false);
  }

  #object(value: Json, hidesNumbers: boolean): Json {
    const copy: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
      copy[key] = this.#value(key, member, hidesNumbers || numbers.has(key));
    }
    return copy;
  }

  #value(key: string, value: unknown, hidesNumbers: boolean): unknown {
    if (typeof value === 'string') return this.#text(key, value);
    if (typeof value === 'number') return hidesNumbers ? this.#token(String(value)) : value;
    if (Array.isArray(value)) return value.map((one) => this.#value(key, one, hidesNumbers));
    return typeof value === 'object' && value !== null
      ? this.#object(value as Json, hidesNumbers)
      : value;
  }

  #text(key: string, value: string): string {
    if (value === '' || ids.has(key)) return value;
    if (names.has(key) && namePattern.test(value)) return value;
    // A digest of contents can be guessed from the contents; its form is kept, so that equal ones stay equal.
    if (digestPattern.test(value)) return this.#digest(value);
    if (pathPattern.test(key)) {
      const [extension = ''] = /\.[A-Za-z0-9]{1,8}$/.exec(value) ?? [];
      return `/redacted/${this.#digest(value).slice(0, 8)}${extension}`;
    }
    return this.#token(value);
  }

  #token(value: string): string {
    return `[${value.length} characters ${this.#digest(value).slice(0, 6)}]`;
  }

  #digest(value: string): string {
    return createHmac('sha256', this.#key).update(value).digest('hex');
  }
}
