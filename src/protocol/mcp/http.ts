/**
 * What can be told about the other end of an HTTP transport. The SDKs hand a server neither socket nor peer address,
 * so "loopback" is what the request says: the host it was addressed to, and no trace of a proxy. That is a claim and
 * not a proof; a server that listens beyond loopback passes `trust` itself.
 */
import { isAllowed, isForwarded, isLoopback, readHeader, readUrl } from '../../context/loopback.js';
import { isObject } from './types.js';

/** The inbound HTTP request behind a message, in the shape of SDK 1 (`requestInfo`) or SDK 2 (`request`). */
export interface InboundHttp {
  readonly headers: unknown;
  readonly isLoopback: boolean;
}

/** The HTTP request a message came in, or `undefined` for a message that did not come over HTTP. Never throws. */
export function inboundHttp(extra: unknown): InboundHttp | undefined {
  if (!isObject(extra)) return undefined;
  const request = extra['requestInfo'] ?? extra['request'];
  if (!isObject(request) || !isObject(request['headers'])) return undefined;
  const { headers, url } = request;
  const host = hostOf(url) ?? hostOf(`http://${String(readHeader(headers, 'host'))}`);
  return { headers, isLoopback: !isForwarded(headers) && host !== undefined && isLoopback(host) };
}

/**
 * Whether a context may be sent through this transport: stdio and the like always, an HTTP client's transport only
 * towards loopback and the origins in `propagateTo`. An HTTP transport that hides its URL gets nothing.
 */
export function mayPropagate(transport: object, propagateTo: readonly string[]): boolean {
  if (!isHttpClient(transport)) return true;
  const url = readUrl((transport as { _url?: unknown })._url);
  return url !== undefined && isAllowed(url, propagateTo);
}

/** `finishAuth` is public on every HTTP client transport of both SDKs; `_url` also gives away WebSockets. */
export function isHttpClient(transport: object): boolean {
  const shape = transport as { finishAuth?: unknown; _url?: unknown };
  return typeof shape.finishAuth === 'function' || readUrl(shape._url) !== undefined;
}

function hostOf(value: unknown): string | undefined {
  return readUrl(value)?.hostname;
}
