/** The context of each message of a front, put into its bytes. Keeps nothing of a message but its method's name. */
import { Context, extractEnv, type Link, type Origin } from '../../src/context/index.js';
import {
  outline,
  rootPlace,
  RootText,
  splice,
  type Outline,
  type Rewrite,
  type SpliceForm,
} from '../../src/protocol/index.js';

/** `none`: messages are looked at and never changed. */
export type Inject = SpliceForm | 'none';

/** What is said of a message. */
export interface Stamp {
  readonly origin: Origin;
  /** The same is said of every message of its method, until there is news. */
  readonly isOfMethod: boolean;
}

export interface StampOptions {
  readonly inject: Inject;
  /** The context that the proxy itself was started under is a cause of each request and the parent of none. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Sees every request and notification, also those that go on as they are. True: what was said so far is said no more. */
  readonly isNews?: (found: Outline, body: Uint8Array) => boolean;
  /** Which requests and notifications go on as they are. */
  readonly isLeftAlone: (found: Outline) => boolean;
  /** What is said of the others. */
  readonly stampOf: (found: Outline, body: Uint8Array) => Stamp;
}

/** There are few methods, and a stranger's are not kept. */
const textsMax = 256;

/** A function that stamps one message after another: each a root of its own, unless it carries a context already. */
export function stamper(options: StampOptions): Rewrite {
  const { inject, isNews, isLeftAlone, stampOf } = options;
  const started = extractEnv(options.env);
  const links: readonly Link[] =
    started === undefined ? [] : [{ traceId: started.traceId, spanId: started.spanId }];
  const texts = new Map<string, RootText>();
  const textOf = (stamp: Stamp, method: string, form: SpliceForm): RootText => {
    const { origin, isOfMethod } = stamp;
    const text = new RootText(form, origin, links);
    if (isOfMethod && texts.size < textsMax) texts.set(method, text);
    return text;
  };
  return (body) => {
    const found = outline(body);
    const { kind, method = '' } = found;
    if ((kind !== 'request' && kind !== 'notification') || inject === 'none') return body;
    if (isNews?.(found, body) === true) texts.clear();
    // A context that is there already stays as it is: we are a pipe and no hop of our own.
    if (found.carrier !== undefined || isLeftAlone(found)) return body;
    const at = rootPlace(found, inject);
    if (at === -1) {
      const { origin } = stampOf(found, body);
      return splice(body, found, inject, Context.begin({ origin, links }), { notifications: true });
    }
    const text = texts.get(method) ?? textOf(stampOf(found, body), method, inject);
    return { at, text: text.next() };
  };
}
