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
    const { params } = message;
    return (
      ('_meta' in message ? extract(message['_meta']) : undefined) ??
      ('traceparent' in message ? extract(message) : undefined) ??
      (isObject(params) ? extractParams(params) : undefined)
    );
  });
}

/** Most messages carry nothing: what is not there is not asked for a second time. */
function extractParams(params: JsonObject): RemoteContext | undefined {
  return (
    ('_meta' in params ? extract(params['_meta']) : undefined) ??
    ('_traceparent' in params ? extract({ traceparent: params['_traceparent'] }) : undefined)
  );
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
      return stampInto(fields, context, options) as Message;
    case 'w3c': {
      if (extract(fields) !== undefined || !isPlain(fields)) return message;
      const { traceparent, tracestate } = inject(context, options);
      return Object.assign(copyOf(fields), { traceparent, tracestate }) as object as Message;
    }
    case 'params-meta': {
      const params = fields['params'] ?? {};
      if (!isObject(params)) return message;
      const stamped = stampInto(params, context, options);
      if (stamped === params) return message;
      return Object.assign(copyOf(fields), { params: stamped }) as object as Message;
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

function stampInto(holder: JsonObject, context: Context, options: InjectOptions): JsonObject {
  if (!isPlain(holder)) return holder;
  const { _meta: meta } = holder;
  const isNew = meta === undefined || meta === null;
  // A `_meta` that is not an object is somebody's bug; it is not ours to replace.
  if (!isNew && (!isPlain(meta) || extract(meta) !== undefined)) return holder;
  const carrier = inject(context, options);
  const stamped = copyOf(holder);
  stamped['_meta'] = isNew ? carrier : { ...meta, ...carrier };
  return stamped;
}

/** On Node 20 a spread takes half a microsecond, assigning a tenth; but that would not copy a `__proto__`. */
function copyOf(fields: JsonObject): Record<string, unknown> {
  return Object.hasOwn(fields, '__proto__') ? { ...fields } : Object.assign({}, fields);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object whose copy is written to the wire as the object itself would be. */
function isPlain(value: unknown): value is JsonObject {
  return isObject(value) && typeof value['toJSON'] !== 'function';
}
