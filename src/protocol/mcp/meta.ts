/** Reading and writing `_meta`, always on copies: the objects belong to the caller, who may send them twice. */
import { extract, inject, type Context } from '../../context/index.js';
import { isObject, type JsonObject } from './types.js';

/**
 * The request or notification with the context in `params._meta`; the message itself where that place is taken by a
 * valid carrier or is not ours to make: `params` that are no plain object, or absent on a notification.
 */
export function stampParams(message: JsonObject, context: Context): JsonObject {
  const { params, id } = message;
  if (params === undefined) {
    return id === undefined ? message : { ...message, params: { _meta: inject(context) } };
  }
  if (!isObject(params) || hasOwnSpelling(params)) return message;
  const meta = params['_meta'];
  if (meta === undefined) return { ...message, params: { ...params, _meta: inject(context) } };
  // A `_meta` that is no object is somebody's bug; it is not ours to replace.
  if (!isObject(meta) || hasOwnSpelling(meta) || extract(meta) !== undefined) return message;
  return { ...message, params: { ...params, _meta: { ...meta, ...inject(context) } } };
}

/** The carrier in `params._meta`, for the headers of the same message. */
export function carrierOf(message: JsonObject): Readonly<Record<string, string>> | undefined {
  const meta = isObject(message['params']) ? message['params']['_meta'] : undefined;
  if (!isObject(meta) || extract(meta) === undefined) return undefined;
  const { traceparent, tracestate } = meta;
  return {
    traceparent: String(traceparent),
    ...(typeof tracestate === 'string' ? { tracestate } : {}),
  };
}

/**
 * The answer with its `traceparent` in the result's `_meta` or the error's `data`, so that the user can quote it.
 * Only where it says something new and was used (the request was a root here, and somebody asked for its id), or where
 * it was recorded.
 */
export function quoteInto(answer: JsonObject, context: Context, isRecorded: boolean): JsonObject {
  if (!isRecorded && (!context.isRoot || !context.isMinted)) return answer;
  const { result, error } = answer;
  if (isObject(result)) {
    const quoted = quoteAt(result, '_meta', context);
    return quoted === result ? answer : { ...answer, result: quoted };
  }
  if (isObject(error)) {
    const quoted = quoteAt(error, 'data', context);
    return quoted === error ? answer : { ...answer, error: quoted };
  }
  return answer;
}

function quoteAt(holder: JsonObject, key: string, context: Context): JsonObject {
  const place = holder[key] ?? {};
  if (!isObject(place) || hasOwnSpelling(holder) || hasOwnSpelling(place)) return holder;
  if (place['traceparent'] !== undefined) return holder;
  return { ...holder, [key]: { ...place, traceparent: context.traceparent } };
}

/** An object that spells itself (`toJSON`) would lose that in a copy. */
function hasOwnSpelling(value: JsonObject): boolean {
  return typeof value['toJSON'] === 'function';
}
