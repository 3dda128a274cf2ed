/**
 * What is known of each `wal_run_id` after one look at all records: enough to say which record ends the run and what may
 * have caused it. In columns: a journal may hold a hundred thousand runs.
 */
import { createHash } from 'node:crypto';
import type { CorrelationId, SpanId } from '../../../context/index.js';
import { Columns, Interner } from '../../spans/columns.js';
import { IdTable, spanIdOf, ulidOf, ulidWords, wanted } from '../../spans/span-ids.js';
import { isRunUuid, uuidOf, uuidWords } from '../../entry/uuid.js';
import type { Embedded, FineCodeRecord } from './record.js';

/** What was seen of a run. */
export const saw = {
  /** The WM recorded something that belongs to the run as a whole. */
  wm: 1,
  wmAccepted: 2,
  er: 4,
  /** An ER ran the whole action: a run of one segment. */
  wholeAction: 8,
  /** Streams of ours tell of it. */
  nativeWm: 16,
  nativeEr: 32,
  erFailed: 64,
} as const;

const small = {
  dispatched: 0,
  completed: 1,
  failed: 2,
  erAccepted: 3,
  erEnded: 4,
  project: 5,
  action: 6,
  trigger: 7,
  devEnv: 8,
  envs: 9,
  flags: 10,
} as const;
const countMax = 0xffff;

export interface RecordPlace {
  /** By its place in the survey. */
  readonly directory: number;
  readonly segment: number;
  readonly offset: number;
}

type Name = 'project' | 'action' | 'trigger' | 'devEnv' | 'envs';
type Count = 'dispatched' | 'completed' | 'failed' | 'erAccepted' | 'erEnded';

export class RunFacts {
  readonly #ids = new IdTable();
  readonly #small = new Columns(11, (length) => new Uint16Array(length));
  /** When the WM accepted it; else when an ER first did; then the last record. */
  readonly #times = new Columns(2, (length) => new Float64Array(length));
  /** Correlation id 0–3, the WM's own span 4–5, its parent 6–7, as a hook wrote them; params hash 8–9. */
  readonly #words = new Columns(10, (length) => new Uint32Array(length));
  /** Where the first record is: directory and segment, offset. */
  readonly #places = new Columns(2, (length) => new Uint32Array(length));
  readonly #texts = new Interner();

  get length(): number {
    return this.#ids.length;
  }

  /** The row of a run, or -1. */
  find(runId: string): number {
    setRun(runId);
    return this.#ids.find();
  }

  /** The row of a run, a new one if need be. */
  rowOf(record: FineCodeRecord, runId: string): number {
    const known = this.find(runId);
    if (known !== -1) return known;
    const row = this.#ids.add();
    for (const name of ['project', 'action', 'trigger', 'devEnv'] as const) {
      this.setText(row, name, record[name]);
    }
    this.#times.set(row, 0, Number.NaN);
    this.#times.set(row, 1, Number.NaN);
    return row;
  }

  has(row: number, flag: number): boolean {
    return (this.#small.get(row, small.flags) & flag) !== 0;
  }

  mark(row: number, flag: number): void {
    this.#small.set(row, small.flags, this.#small.get(row, small.flags) | flag);
  }

  count(row: number, what: Count): number {
    return this.#small.get(row, small[what]);
  }

  add(row: number, what: Count): void {
    const count = this.count(row, what);
    if (count < countMax) this.#small.set(row, small[what], count + 1);
  }

  text(row: number, name: Name): string {
    return this.#texts.text(this.#small.get(row, small[name])) ?? '';
  }

  setText(row: number, name: Name, value: string): void {
    const number = value === '' ? 0 : this.#texts.number(value);
    this.#small.set(row, small[name], Math.max(0, number));
  }

  /** The place of the first record that is told. */
  setPlace(row: number, place: RecordPlace): void {
    if (this.#places.get(row, 0) !== 0) return;
    this.#places.set(
      row,
      0,
      ((place.directory & 0x7fff) << 16) | (place.segment & 0xffff) | 0x80000000,
    );
    this.#places.set(row, 1, place.offset);
  }

  placeOf(row: number): RecordPlace {
    const at = this.#places.get(row, 0);
    const offset = this.#places.get(row, 1);
    return { directory: (at >>> 16) & 0x7fff, segment: at & 0xffff, offset };
  }

  /** Microseconds since 1970; NaN: nobody said. */
  startedAt(row: number): number {
    return this.#times.get(row, 0);
  }

  lastAt(row: number): number {
    return this.#times.get(row, 1);
  }

  tell(row: number, microseconds: number, isStart: boolean): void {
    if (isStart) this.#times.set(row, 0, microseconds);
    const last = this.lastAt(row);
    if (Number.isNaN(last) || microseconds > last) this.#times.set(row, 1, microseconds);
  }

  /** Keeps the first that is told; of a span only the WM's. */
  embed(row: number, embedded: Embedded, isWm: boolean): void {
    const hasSpan = this.#words.get(row, 4) !== 0 || this.#words.get(row, 5) !== 0;
    if (this.embeddedId(row) !== undefined && (!isWm || hasSpan)) return;
    const id = new Uint32Array(4);
    ulidWords(embedded.correlationId, id);
    for (const [index, value] of id.entries()) this.#words.set(row, index, value);
    this.#setSpan(row, 4, isWm ? embedded.spanId : undefined);
    this.#setSpan(row, 6, embedded.parentSpanId);
  }

  embeddedId(row: number): CorrelationId | undefined {
    return ulidOf((index) => this.#words.get(row, index)) as CorrelationId | undefined;
  }

  embeddedSpan(row: number): SpanId | undefined {
    return this.#span(row, 4);
  }

  embeddedParent(row: number): SpanId | undefined {
    return this.#span(row, 6);
  }

  setHash(row: number, hash: string): void {
    this.#setSpan(row, 8, hash.slice(0, 16));
  }

  /** The first 64 bits of the params hash. */
  hash(row: number): string | undefined {
    return this.#span(row, 8);
  }

  #span(row: number, at: number): SpanId | undefined {
    const [high, low] = [this.#words.get(row, at), this.#words.get(row, at + 1)];
    return high === 0 && low === 0 ? undefined : spanIdOf(high, low);
  }

  #setSpan(row: number, at: number, hex: string | undefined): void {
    if (hex !== undefined && !/^[0-9a-f]{16}$/.test(hex)) return;
    this.#words.set(row, at, hex === undefined ? 0 : Number.parseInt(hex.slice(0, 8), 16));
    this.#words.set(row, at + 1, hex === undefined ? 0 : Number.parseInt(hex.slice(8), 16));
  }
}

/** A `wal_run_id` is a UUID; anything else is known by its digest. */
function setRun(runId: string): void {
  const known = isRunUuid(runId)
    ? runId
    : uuidOf((word) =>
        createHash('sha256')
          .update(runId)
          .digest()
          .readUInt32BE(word * 4),
      );
  uuidWords(known, wanted);
  wanted[4] = 0;
  wanted[5] = 0;
}
