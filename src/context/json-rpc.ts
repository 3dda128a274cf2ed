/**
 * The four places in a JSON-RPC message where a context may stand. Reading takes the first valid one, whole, in the
 * order below; writing is copy-on-write, because the message object may be the caller's own.
 */
import { extract, inject, unlessItThrows, type InjectOptions } from './carriers.js';
import type { Context, RemoteContext } from './context.js';

/**
 * `meta`: envelope `_meta` (between fronts, WM and ER). `w3c`: envelope `traceparent`/`tracestate` (StreamJsonRpc).
 * `params-meta`: `params._meta` (MCP). `finecode`: `params._traceparent`, on the methods FineCode reads it from.
 */
export type CarrierForm = 'meta' | 'w3c' | 'params-meta' | 'finecode';

type JsonObject = Readonly<Record<string, unknown>>;

const finecodeMethods: ReadonlySet<unknown> = new Set(['actions/run', 'actions/runBatch']);

/**
 * Reads envelope `_meta`, then top-level `traceparent`, then `params._meta`, then `params._traceparent`. Never throws.
 */
export function extractMessage(message: unknown): RemoteContext | undefined {
  return unlessItThrows(() => {
    if (!isObject(message)) return undefined;
    const params = isObject(message['params']) ? message['params'] : {};
    return (
      extract(message['_meta']) ??
      extract(message) ??
      extract(params['_meta']) ??
      extract({ traceparent: params['_traceparent'] })
    );
  });
}

/**
 * The message with the context stamped into it; the message itself where it cannot or must not be stamped: a
 * response, a message that already carries a valid context in that place, `params` that are not an object or that
 * write themselves out (`toJSON`). Never throws.
 */
export function stampMessage<Message extends object>(
  message: Message,
  context: Context,
  form: CarrierForm = 'meta',
  options: InjectOptions = {},
): Message {
  return unlessItThrows(() => stamp(message, context, form, options)) ?? message;
}

function stamp<Message extends object>(
  message: Message,
  context: Context,
  form: CarrierForm,
  options: InjectOptions,
): Message {
  const fields = message as JsonObject;
  if (typeof fields['method'] !== 'string') return message;
  switch (form) {
    case 'meta':
      return stampInto(fields, '_meta', context, options) as Message;
    case 'w3c': {
      if (extract(fields) !== undefined || !isPlain(fields)) return message;
      const { traceparent, tracestate } = inject(context, options);
      return { ...message, traceparent, tracestate };
    }
    case 'params-meta': {
      const params = fields['params'] ?? {};
      if (!isObject(params)) return message;
      const stamped = stampInto(params, '_meta', context, options);
      return stamped === params ? message : { ...message, params: stamped };
    }
    case 'finecode': {
      const params = fields['params'];
      if (!finecodeMethods.has(fields['method']) || !isPlain(params)) return message;
      if (extract({ traceparent: params['_traceparent'] }) !== undefined) return message;
      return {
        ...message,
        params: { ...params, _traceparent: inject(context, options).traceparent },
      };
    }
  }
}

function stampInto(
  holder: JsonObject,
  key: string,
  context: Context,
  options: InjectOptions,
): JsonObject {
  const meta = holder[key] ?? {};
  // A `_meta` that is not an object is somebody's bug; it is not ours to replace.
  if (!isPlain(holder) || !isPlain(meta) || extract(meta) !== undefined) return holder;
  return { ...holder, [key]: { ...meta, ...inject(context, options) } };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object whose copy is written to the wire as the object itself would be. */
function isPlain(value: unknown): value is JsonObject {
  return isObject(value) && typeof value['toJSON'] !== 'function';
}
