/** One request as its user saw it: what was asked, what came along from outside, and the ids the front told back. */
import { randomBytes } from 'node:crypto';
import { Context, extract, inject, type LogFields, type RemoteContext } from 'throughline';
import type { ActionName } from '../actions.js';

export type FrontName = 'cli' | 'lsp' | 'mcp';

export interface Asked {
  readonly front: FrontName;
  /** Unique. It travels in the parameters, so the records can be found without the ids that are under test. */
  readonly reason: string;
  readonly actions: readonly ActionName[];
  /** What the front said of the request: its own span. */
  readonly told: LogFields;
  /** What came from outside, if anything did: the front's span continues it. */
  readonly sent: RemoteContext | undefined;
}

export interface Carrier {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

const kinds = ['nothing', 'bare', 'vendor', 'whole'] as const;

/**
 * What callers bring along, in turn: no carrier at all; a foreign tracer's `traceparent` alone; one with a vendor's
 * `tracestate` and no `tl`; and a whole carrier as our own adapters write it.
 */
export function carrierFor(index: number): {
  readonly carrier: Carrier;
  readonly sent: RemoteContext | undefined;
} {
  const carrier = carrierOf(kinds[index % kinds.length] ?? 'nothing');
  return { carrier, sent: extract(carrier) };
}

function carrierOf(kind: (typeof kinds)[number]): Carrier {
  const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
  switch (kind) {
    case 'nothing':
      return {};
    case 'bare':
      return { traceparent };
    case 'vendor':
      return { traceparent, tracestate: 'vendor=t61rcWkgMzE' };
    case 'whole':
      return { ...inject(Context.begin({ origin: { client: 'demo' } })) };
  }
}
