import type { CorrelationId, Link, SpanId } from '../../context/index.js';
import type { JoinConfidence, SpanKind } from '../spans/span-words.js';

/** Where a record of another program belongs, and what its words mean here. What is absent is not known. */
export interface Imported {
  readonly correlationId?: CorrelationId | undefined;
  readonly spanId?: SpanId | undefined;
  readonly parentSpanId?: SpanId | undefined;
  readonly join?: JoinConfidence | undefined;
  /** Of an ambiguous join: the spans that may be its cause. */
  readonly candidates?: readonly Link[] | undefined;
  /** What its span is, where the event alone would not say so. */
  readonly kind?: SpanKind | undefined;
  readonly env?: string | undefined;
  /** The kind of front, as it says itself. */
  readonly front?: string | undefined;
  /** It says that a part of the run ended, and not the run. */
  readonly isPart?: boolean | undefined;
  /** That the run ended with it is concluded: nobody wrote that it did. */
  readonly isEndInferred?: boolean | undefined;
}
