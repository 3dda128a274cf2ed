/** What is said of few spans only, as text beside the columns. */
import { Arena } from './columns.js';
import type { Hlc } from '../../context/index.js';
import type { Moment } from '../entry/entry.js';
import { isoMicroseconds } from '../entry/iso-time.js';
import type { Effect, SpanDraft } from './span.js';

/** Members of a span that the columns have no place for. */
export type Side = { -readonly [Key in keyof SpanDraft]?: SpanDraft[Key] };

export class SidePack {
  readonly #arena = new Arena();

  /** Returns where it is, from 1; 0: there was nothing to keep. */
  add(span: SpanDraft, rare: Side): number {
    const { error, cancelRequested, cancelRequestedAt, clientGoneAt } = span;
    const { links, resolution, effects } = span;
    if (error !== undefined) rare.error = error;
    if (span.isAnswerOfAttempt) rare.isAnswerOfAttempt = true;
    if (cancelRequested !== undefined) rare.cancelRequested = cancelRequested;
    if (cancelRequestedAt !== undefined) rare.cancelRequestedAt = cancelRequestedAt;
    if (clientGoneAt !== undefined) rare.clientGoneAt = clientGoneAt;
    if (links.length > 0) rare.links = links;
    if (resolution !== undefined) rare.resolution = resolution;
    if (span.candidates.length > 0) rare.candidates = span.candidates;
    const packed = effects.map((effect) => packEffect(effect, span.writerId));
    if (packed.length === 0 && Object.keys(rare).length === 0) return 0;
    return this.#arena.add(JSON.stringify(packed.length === 0 ? rare : { ...rare, packed })) + 1;
  }

  get(place: number, writerId: string): Side {
    const { packed, ...rare } = JSON.parse(this.#arena.text(place)) as Side & {
      readonly packed?: readonly PackedEffect[];
    };
    if (packed === undefined) return rare;
    return { ...rare, effects: packed.map((effect) => unpackEffect(effect, writerId)) };
  }
}

/** Of a journal's effects there may be as many as spans: what can be made anew is left out. */
type PackedEffect = Omit<Effect, 'at' | 'writerId'> & {
  readonly at: readonly [Hlc, number] | Moment;
  readonly writerId?: string;
};

function packEffect(effect: Effect, ofSpan: string): PackedEffect {
  const { at, writerId, ...rest } = effect;
  const isOurs = at.ts === isoMicroseconds(at.microseconds);
  return {
    ...rest,
    at: isOurs ? [at.hlc, at.microseconds] : at,
    ...(writerId === ofSpan ? {} : { writerId }),
  };
}

function unpackEffect(packed: PackedEffect, ofSpan: string): Effect {
  const { at, writerId = ofSpan, ...rest } = packed;
  if ('hlc' in at) return { ...rest, at, writerId };
  const [hlc, microseconds] = at;
  return { ...rest, at: { ts: isoMicroseconds(microseconds), microseconds, hlc }, writerId };
}
