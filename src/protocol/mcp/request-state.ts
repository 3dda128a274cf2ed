/**
 * Joins the legs of a multi-round-trip call (protocol 2026-07-28) for clients that send no context. Every client
 * echoes `requestState` as it is, so ours stands in front of the handler's own: the leg's `traceparent`, under an HMAC
 * with the key of this deployment. On the way in it is taken off again: a handler sees what it set, and nothing else.
 * The state is not encrypted, and whatever it says without the right HMAC is only ever a link.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  extract,
  ThroughlineError,
  type Context,
  type RemoteContext,
} from '../../context/index.js';
import { isObject, type JsonObject } from './types.js';

/** What a leg's state says of the leg before it. */
export interface PreviousLeg {
  readonly span: RemoteContext;
  /** Under our key: it was this deployment that wrote it. */
  readonly isProven: boolean;
}

/** A request with its own state again, and the leg that it goes on with. */
export interface Resumed {
  readonly message: JsonObject;
  readonly previous: PreviousLeg;
}

/** `tl1`, key id, HMAC, whether the handler had set a state, `traceparent`; then the handler's own. */
const shape = /^tl1\.([\w-]{8})\.([\w-]{22})\.([sn])\.([0-9a-f-]{55})\./;
const prefixChars = 4 + 9 + 23 + 2 + 56;
const keyBytesMin = 32;
/** Nobody's state is larger; hashing it would delay the answer. */
const stateCharsMax = 1024 * 1024;
const processKey = Symbol.for('throughline.mcp-state-key/1');

export class RequestState {
  readonly #key: Uint8Array | undefined;
  readonly #keyId: string;

  /** Without a key: the process's own, made when it is loaded. `false`: writes none, and proves none. */
  constructor(key: string | Uint8Array | false | undefined) {
    this.#key = key === false ? undefined : readKey(key ?? ownKey());
    this.#keyId = this.#key === undefined ? '' : digest(this.#key, 'key id').slice(0, 8);
  }

  /** The result with this leg in front of its state; the result itself where it asks for nothing. */
  wrap(result: JsonObject, context: Context): JsonObject {
    const { requestState: state } = result;
    const key = this.#key;
    if (key === undefined || result['resultType'] !== 'input_required') return result;
    if (typeof result['toJSON'] === 'function' || !isState(state)) return result;
    const text = `${state === undefined ? 'n' : 's'}.${context.traceparent}.${state ?? ''}`;
    return { ...result, requestState: `tl1.${this.#keyId}.${digest(key, text)}.${text}` };
  }

  /** Takes ours off a request's state. `undefined` for a request without one of ours, or with one that was changed. */
  unwrap(message: JsonObject): Resumed | undefined {
    const { params } = message;
    const state = isObject(params) ? params['requestState'] : undefined;
    if (!isObject(params) || typeof state !== 'string' || !state.startsWith('tl1.')) {
      return undefined;
    }
    const [, keyId, mac, kind, traceparent] = shape.exec(state.slice(0, prefixChars)) ?? [];
    const span = extract({ traceparent });
    if (span === undefined || state.length > stateCharsMax + prefixChars) return undefined;
    const isProven = keyId === this.#keyId && this.#key !== undefined;
    if (isProven && !isEqual(digest(this.#key, state.slice(4 + 9 + 23)), mac)) return undefined;
    const own = { ...params, requestState: state.slice(prefixChars) };
    if (kind === 'n') Reflect.deleteProperty(own, 'requestState');
    return { message: { ...message, params: own }, previous: { span, isProven } };
  }
}

function isState(state: unknown): state is string | undefined {
  return state === undefined || (typeof state === 'string' && state.length <= stateCharsMax);
}

function digest(key: Uint8Array, text: string): string {
  const hmac = createHmac('sha256', key).update('throughline requestState 1\n').update(text);
  return hmac.digest('base64url').slice(0, 22);
}

function isEqual(one: string, other: string | undefined): boolean {
  return one.length === other?.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

function readKey(key: string | Uint8Array): Uint8Array {
  const bytes = typeof key === 'string' ? Buffer.from(key, 'utf8') : Uint8Array.from(key);
  if (bytes.length >= keyBytesMin) return bytes;
  throw new ThroughlineError(
    'ARGUMENT_INVALID',
    `stateKey has ${bytes.length} bytes and needs ${keyBytesMin}: openssl rand -base64 32 makes one.`,
  );
}

/** One for all servers of this process: a server made for each request must know what the one before it wrote. */
function ownKey(): Uint8Array {
  const shared = globalThis as { [processKey]?: Uint8Array };
  shared[processKey] ??= randomBytes(keyBytesMin);
  return shared[processKey];
}
