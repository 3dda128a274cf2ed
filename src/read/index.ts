/** Reading streams back as one story. Opens files read-only and starts nothing. */
export { openJournal } from './journal.js';
export type { Journal, JournalItem, JournalOptions } from './journal.js';
export { readStory } from './story.js';
export type { Story } from './story.js';
export { findRequests } from './reference.js';
export { effectsOn } from './effects.js';
export type { EffectOf } from './effects.js';
export { lastRecord, openSpans } from './in-flight.js';
export type { OpenSpan } from './in-flight.js';
export { walk } from './tree.js';
export type { Visit } from './tree.js';
export { truthOf } from './truth.js';
export type { RootProblem, Truth } from './truth.js';
export type { Entry, JsonObject, Moment } from './entry.js';
export type { Request } from './request.js';
export type { ContentHash, Effect, Span, SpanKind, State } from './span.js';
export type { StreamCondition, StreamFault, StreamReport, WriterState } from './streams.js';
