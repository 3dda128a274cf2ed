/** The context of each message of a front, put into its bytes. Keeps nothing of a message. */
import { Context, extractEnv, type Link, type Origin } from '../../src/context/index.js';
import {
  outline,
  splicePieces,
  type Outline,
  type Rewrite,
  type SpliceForm,
} from '../../src/protocol/index.js';

/** `none`: messages are looked at and never changed. */
export type Inject = SpliceForm | 'none';

export interface StampOptions {
  readonly inject: Inject;
  /** The context that the proxy itself was started under is a cause of each request and the parent of none. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Which messages are left alone, and what is said of the others. */
  readonly originOf: (found: Outline, body: Uint8Array) => Origin | undefined;
}

/** A function that stamps one message after another, the same array when nothing was put in: each a root of its own, unless it carries a context already. */
export function stamper(options: StampOptions): Rewrite {
  const { inject, originOf } = options;
  const started = extractEnv(options.env);
  const links: readonly Link[] =
    started === undefined ? [] : [{ traceId: started.traceId, spanId: started.spanId }];
  return (body) => {
    const found = outline(body);
    const isCall = found.kind === 'request' || found.kind === 'notification';
    // A context that is there already stays as it is: we are a pipe and no hop of our own.
    if (!isCall || inject === 'none' || found.carrier !== undefined) return body;
    const origin = originOf(found, body);
    if (origin === undefined) return body;
    const context = Context.begin({ origin, links });
    return splicePieces(body, found, inject, context, { notifications: true });
  };
}
