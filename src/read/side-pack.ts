/** What is said of few spans only, as text beside the columns. */
import { Arena } from './columns.js';
import type { SpanDraft } from './span.js';

/** Members of a span that the columns have no place for. */
export type Side = { -readonly [Key in keyof SpanDraft]?: SpanDraft[Key] };

export class SidePack {
  readonly #arena = new Arena();

  /** Returns where it is, from 1; 0: there was nothing to keep. */
  add(span: SpanDraft, rare: Side): number {
    const { error, cancelRequested, links, resolution, effects } = span;
    if (error !== undefined) rare.error = error;
    if (cancelRequested !== undefined) rare.cancelRequested = cancelRequested;
    if (links.length > 0) rare.links = links;
    if (resolution !== undefined) rare.resolution = resolution;
    if (effects.length > 0) rare.effects = effects;
    for (const _ in rare) return this.#arena.add(JSON.stringify(rare)) + 1;
    return 0;
  }

  get(place: number): Side {
    return JSON.parse(this.#arena.text(place)) as Side;
  }
}
