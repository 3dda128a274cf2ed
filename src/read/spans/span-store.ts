/**
 * Every span of a journal in little memory. A span is an object while its records come in; then it is packed into
 * columns, and made anew when somebody asks for it. Nothing here judges.
 */
import { Columns, Interner } from './columns.js';
import type { Entry, Moment } from '../entry/entry.js';
import { SidePack, type Side } from './side-pack.js';
import type { SpanDraft, SpanKind } from './span.js';
import { ends, flag, flagsOf, joins, joinShift, kinds } from './span-flags.js';
import { IdTable, setIds, setSpanId, spanIdOf, ulidOf, ulidWords, wanted } from './span-ids.js';
import { isRunUuid, uuidOf, uuidWords } from '../entry/uuid.js';
import { MomentPack } from './moment-pack.js';
import { blankSpan, spanKey, takeEntry } from './spans.js';

/** So many spans are objects at a time: those that records come in for. */
const hotMax = 128;
const ulidPattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
/** Columns of words; behind `runId`, four of them. */
const word = { records: 0, place: 1, side: 2, runId: 3 };
/** Columns of half words: texts by number, an attempt from 1, flags. */
const half = { name: 0, runner: 1, trigger: 2, env: 3, origin: 4, peer: 5, attempt: 6, flags: 7 };
const runWords = new Uint32Array(4);

export class SpanStore {
  readonly #hot = new Map<string, SpanDraft>();
  readonly #ids = new IdTable();
  readonly #parents = new Columns(2, (length) => new Uint32Array(length));
  readonly #moments = new MomentPack();
  readonly #halves = new Columns(8, (length) => new Uint16Array(length));
  readonly #words = new Columns(7, (length) => new Uint32Array(length));
  readonly #texts = new Interner();
  readonly #objects = new Interner();
  readonly #places = new Interner(Number.MAX_SAFE_INTEGER);
  readonly #sides = new SidePack();

  /** All spans, once `settle` was called. */
  get length(): number {
    return this.#ids.length;
  }

  /** Adds one entry; entries without a span are somebody else's. */
  add(entry: Entry): void {
    const { correlationId, spanId } = entry;
    if (correlationId === undefined || spanId === undefined) return;
    const key = spanKey(correlationId, spanId);
    let span = this.#hot.get(key);
    if (span === undefined) {
      setIds(correlationId, spanId);
      const row = this.#ids.find();
      span = row === -1 ? blankSpan(entry, correlationId, spanId) : this.span(row);
      this.#hot.set(key, span);
      if (this.#hot.size > hotMax) this.#cool(hotMax / 2);
    }
    takeEntry(span, entry);
    // Mostly nothing comes behind its end: packed at once, it is young garbage and not old.
    if (span.ended !== undefined) {
      this.#hot.delete(key);
      this.#pack(span);
    }
  }

  /** All entries are in. */
  settle(): void {
    this.#cool(0);
  }

  /** The row of a span's parent; -1: it has none, or none is recorded. */
  parentOf(row: number): number {
    return this.#wantParent(row) ? this.#ids.find() : -1;
  }

  /** Looks at what the rows of one request have in common: the parent's ids, or the span's own. */
  wantGroup(row: number): void {
    if (!this.#wantParent(row)) this.#ids.take(row);
  }

  kind(row: number): SpanKind {
    return kinds[this.#halves.get(row, half.flags) & 3] ?? 'other';
  }

  /** Negative when the first record of `a` sorts before that of `b`. */
  compare(a: number, b: number): number {
    return this.#moments.compareFirst(a, b);
  }

  /** The span, made anew: whoever asks twice gets two. */
  span(row: number): SpanDraft {
    const flags = this.#halves.get(row, half.flags);
    const place = this.#words.get(row, word.side);
    const where = this.#places.text(this.#words.get(row, word.place)) ?? '';
    const [root = '', writerId = ''] = where.split('\n');
    const rare: Side = place === 0 ? {} : this.#sides.get(place - 1, writerId);
    const first = rare.first ?? this.#moments.first(row);
    const last = rare.last ?? this.#moments.last(row);
    const hasParent = this.#wantParent(row);
    const started = (flags & flag.startFirst) === 0 ? undefined : first;
    const ended = (flags & flag.endLast) === 0 ? undefined : momentOnly(last);
    const tries = this.#halves.get(row, half.attempt);
    const isTold = (flags & flag.told) !== 0;
    const span: SpanDraft = {
      correlationId: this.#ids.correlationId(row),
      spanId: this.#ids.spanId(row),
      parentSpanId: hasParent ? spanIdOf(wanted[4] ?? 0, wanted[5] ?? 0) : undefined,
      kind: kinds[flags & 3] ?? 'other',
      name: this.#text(this.#texts, row, half.name) ?? '',
      root,
      writerId,
      started,
      ended,
      first,
      last,
      durationMs: this.#moments.duration(row),
      records: this.#words.get(row, word.records),
      terminals: ended === undefined ? 0 : 1,
      state: ends[(flags >> 2) & 7] ?? 'unknown',
      open: (flags & flag.open) !== 0,
      why: '',
      error: undefined,
      answered: isTold ? (flags & flag.answered) !== 0 : undefined,
      isAnswerOfAttempt: false,
      cancelRequested: undefined,
      cancelRequestedAt: undefined,
      clientGoneAt: undefined,
      clientGone: (flags & flag.gone) !== 0,
      attempt: tries === 0 ? undefined : tries - 1,
      runner: this.#text(this.#texts, row, half.runner),
      runId: this.#runId(row, (flags & flag.uuid) !== 0),
      trigger: this.#text(this.#texts, row, half.trigger),
      env: this.#text(this.#texts, row, half.env),
      origin: this.#object(row, half.origin) as SpanDraft['origin'],
      peer: this.#object(row, half.peer) as SpanDraft['peer'],
      links: [],
      isNewRoot: (flags & flag.root) !== 0,
      join: joins[flags >> joinShift],
      candidates: [],
      isEndInferred: (flags & flag.inferredEnd) !== 0,
      resolution: undefined,
      effects: [],
      children: [],
    };
    return Object.assign(span, rare);
  }

  #cool(left: number): void {
    for (const [key, span] of this.#hot) {
      if (this.#hot.size <= left) return;
      this.#hot.delete(key);
      this.#pack(span);
    }
  }

  #pack(span: SpanDraft): void {
    setIds(span.correlationId, span.spanId);
    const found = this.#ids.find();
    const row = found === -1 ? this.#ids.add() : found;
    setSpanId(span.parentSpanId);
    this.#parents.set(row, 0, wanted[4] ?? 0);
    this.#parents.set(row, 1, wanted[5] ?? 0);
    const rare: Side = {};
    this.#moments.set(row, span, rare);
    const [words, halves] = [this.#words, this.#halves];
    words.set(row, word.records, span.records);
    words.set(row, word.place, this.#places.number(`${span.root}\n${span.writerId}`));
    for (const name of ['name', 'runner', 'trigger', 'env'] as const) {
      const number = this.#texts.number(span[name]);
      halves.set(row, half[name], Math.max(number, 0));
      if (number === -1) Object.assign(rare, { [name]: span[name] });
    }
    for (const name of ['origin', 'peer'] as const) {
      const number = this.#objects.number(span[name] && JSON.stringify(span[name]));
      halves.set(row, half[name], Math.max(number, 0));
      if (number === -1) Object.assign(rare, { [name]: span[name] });
    }
    const { attempt: tries } = span;
    const isSmall = tries !== undefined && Number.isInteger(tries) && tries >= 0 && tries < 0xffff;
    halves.set(row, half.attempt, isSmall ? tries + 1 : 0);
    if (tries !== undefined && !isSmall) rare.attempt = tries;
    this.#packRun(row, span.runId, rare);
    const isStartFirst = span.started?.hlc === span.first.hlc && span.started.ts === span.first.ts;
    const isEndLast = span.ended?.hlc === span.last.hlc && span.ended.ts === span.last.ts;
    if (span.started !== undefined && !isStartFirst) rare.started = span.started;
    if (span.ended !== undefined && !isEndLast) rare.ended = span.ended;
    if (span.terminals !== (isEndLast ? 1 : 0)) rare.terminals = span.terminals;
    this.#halves.set(row, half.flags, flagsOf(span, isStartFirst, isEndLast));
    words.set(row, word.side, this.#sides.add(span, rare));
  }

  #packRun(row: number, run: string | undefined, rare: Side): void {
    const isUlid = run !== undefined && ulidPattern.test(run);
    const isUuid = isRunUuid(run);
    if (isUlid) ulidWords(run, runWords);
    else if (isUuid) uuidWords(run, runWords);
    else runWords.fill(0);
    for (const [index, value] of runWords.entries())
      this.#words.set(row, word.runId + index, value);
    if (run !== undefined && !isUlid && !isUuid) rare.runId = run;
  }

  #runId(row: number, isUuid: boolean): string | undefined {
    const words = (index: number): number => this.#words.get(row, word.runId + index);
    return isUuid ? uuidOf(words) : ulidOf(words);
  }

  #wantParent(row: number): boolean {
    const [high, low] = [this.#parents.get(row, 0), this.#parents.get(row, 1)];
    if (high === 0 && low === 0) return false;
    this.#ids.take(row);
    wanted[4] = high;
    wanted[5] = low;
    return true;
  }

  #text(from: Interner, row: number, column: number): string | undefined {
    return from.text(this.#halves.get(row, column));
  }

  #object(row: number, column: number): unknown {
    const text = this.#text(this.#objects, row, column);
    return text === undefined ? undefined : JSON.parse(text);
  }
}

function momentOnly({ ts, microseconds, hlc }: Moment): Moment {
  return { ts, microseconds, hlc };
}
