/** The outline of one JSON-RPC message: what its bytes say of it, and where in them a context stands or could stand. */
import type { RemoteContext } from '../context/index.js';

/** `batch`: a list of messages, not looked into. `other`: no JSON-RPC message that could be told. */
export type MessageKind = 'request' | 'notification' | 'response' | 'batch' | 'other';

/** A value's bytes: from `start` up to `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An object that holds a carrier or could. */
export interface Place {
  /** The byte behind the opening brace. */
  readonly start: number;
  readonly isEmpty: boolean;
  readonly traceparent: Span | undefined;
  readonly tracestate: Span | undefined;
  readonly baggage: Span | undefined;
}

/** `null` counts as something else: it is not ours to replace. */
export type Slot = Place | 'absent' | 'other';

/** Where a context can stand: the forms that can be written, and FineCode's `params._traceparent`. */
export type CarrierPlace = 'meta' | 'w3c' | 'params-meta' | 'finecode';

export interface Outline {
  readonly kind: MessageKind;
  readonly method: string | undefined;
  /** The id as it is written: `1` and `"1"` are two ids. See `idKey`. */
  readonly id: string | undefined;
  /** The message itself. */
  readonly envelope: Place | undefined;
  /** `_meta` beside `method`. */
  readonly meta: Slot;
  readonly params: Slot;
  /** `_meta` in `params`. */
  readonly paramsMeta: Slot;
  /** `params._traceparent`, whatever stands there. */
  readonly finecode: Span | undefined;
  /** `params._meta.progressToken` as it is written. */
  readonly progressToken: string | undefined;
  /** The first valid carrier, and where it stands. */
  readonly carrier: RemoteContext | undefined;
  readonly carrierPlace: CarrierPlace | undefined;
  /** A key that matters stands there twice: which one counts depends on who reads it. */
  readonly isAmbiguous: boolean;
}

/** An id as a key for maps: one text for one id, however it was escaped. A large integer keeps all its digits. */
export function idKey(id: string): string {
  if (!id.includes('\\') && !/[.eE]/.test(id)) return id;
  try {
    return JSON.stringify(JSON.parse(id));
  } catch {
    return id;
  }
}
