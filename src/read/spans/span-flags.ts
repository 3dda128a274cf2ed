/** What of a span are few words or yes and no, as one number of 16 bits. Pure. */
import type { SpanDraft, SpanKind } from './span.js';
import { isRunUuid } from '../entry/uuid.js';

export const kinds: readonly SpanKind[] = ['run', 'dispatch', 'handler', 'other'];
export const ends: readonly ['unknown', 'completed', 'failed', 'cancelled', 'rejected'] = [
  'unknown',
  'completed',
  'failed',
  'cancelled',
  'rejected',
];
/** Flags, above two bits for the kind and three for the state. */
export const flag: Readonly<
  Record<
    | 'open'
    | 'gone'
    | 'root'
    | 'told'
    | 'answered'
    | 'startFirst'
    | 'endLast'
    | 'uuid'
    | 'inferredEnd',
    number
  >
> = {
  open: 32,
  gone: 64,
  root: 128,
  told: 256,
  answered: 512,
  startFirst: 1024,
  endLast: 2048,
  uuid: 4096,
  inferredEnd: 8192,
};
/** Two bits above the flags. */
export const joins: readonly SpanDraft['join'][] = [undefined, 'exact', 'inferred', 'ambiguous'];
export const joinShift: number = 14;

export function flagsOf(span: SpanDraft, isStartFirst: boolean, isEndLast: boolean): number {
  const state = Math.max(0, (ends as readonly string[]).indexOf(span.state));
  return (
    kinds.indexOf(span.kind) |
    (state << 2) |
    (span.open ? flag.open : 0) |
    (span.clientGone ? flag.gone : 0) |
    (span.isNewRoot ? flag.root : 0) |
    (span.answered === undefined ? 0 : flag.told) |
    (span.answered === true ? flag.answered : 0) |
    (isStartFirst ? flag.startFirst : 0) |
    (isEndLast ? flag.endLast : 0) |
    (isRunUuid(span.runId) ? flag.uuid : 0) |
    (span.isEndInferred ? flag.inferredEnd : 0) |
    (joins.indexOf(span.join) << joinShift)
  );
}
