/**
 * An MCP server over Streamable HTTP, as one client sees it: its session, one POST for each message, and the stream on
 * which it asks by itself. Every request gets an answer, if need be one that says why there is none. Keeps no file.
 */
import { idKey, outline, type Outline } from '../../src/protocol/index.js';
import { serverEvents } from './http-events.js';
import { requestIdOf } from '../../src/protocol/mcp/members.js';
import { fetchWithin, messageOf, oneLine, reasonOf, versionOf } from './http-answer.js';
import { mirrored } from './http-headers.js';

export interface RemoteOptions {
  readonly url: URL;
  /** The user's own, on every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Takes each message of the server's, as one line with its end. */
  readonly say: (line: Uint8Array) => void;
  readonly messageBytesMax: number;
  readonly fetch: typeof fetch;
}

const accept = 'application/json, text/event-stream';
/** What comes behind a notification waits this long at most until the server has taken it. */
const acceptedMsMax = 2000;
const reconnectsMax = 5;
const reconnectDelayMs = 1000;
const reconnectDelayMsMax = 30_000;
const sessionHeader = 'mcp-session-id';
const versionHeader = 'mcp-protocol-version';

export class Remote {
  readonly #options: RemoteOptions;
  readonly #closing = new AbortController();
  readonly #open = new Map<string, AbortController>();
  /** What comes next waits for this. */
  #line: Promise<void> = Promise.resolve();
  #session: string | undefined;
  #version: string | undefined;
  #retryMs = reconnectDelayMs;
  #listens = false;

  constructor(options: RemoteOptions) {
    this.#options = options;
  }

  /** Requests that are not answered yet. */
  get open(): number {
    return this.#open.size;
  }

  /** Sends the messages in order. Resolves when the next may go; never rejects. */
  send(body: Uint8Array): Promise<void> {
    this.#line = this.#after(this.#line, body);
    return this.#line;
  }

  /** A message that cannot be sent: a request is answered with the reason. */
  refuse(body: Uint8Array, why: string): void {
    const { kind, id } = outline(body);
    if (kind === 'request' && id !== undefined) this.#refuse(id, why);
  }

  /** Gives up what is open, and ends the session. Never rejects. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#session === undefined) return;
    const signal = AbortSignal.timeout(acceptedMsMax);
    await fetchWithin(this.#options, {
      method: 'DELETE',
      headers: this.#headers({}),
      signal,
    }).catch(() => undefined);
  }

  async #after(before: Promise<void>, body: Uint8Array): Promise<void> {
    await before;
    const found = outline(body);
    if (found.kind === 'request') {
      const answered = this.#request(body, found);
      // What comes behind it may need the session.
      if (found.method === 'initialize') await answered;
      return;
    }
    const isCancel = found.method === 'notifications/cancelled';
    // The revision without sessions cancels by hanging up. In the others nobody answers what was cancelled.
    if (!isCancel || this.#version !== undefined) {
      await Promise.race([this.#notify(body, found), delay(acceptedMsMax)]);
    }
    if (isCancel) this.#open.get(requestIdOf(body, found) ?? '')?.abort();
  }

  async #request(body: Uint8Array, found: Outline): Promise<void> {
    const { id = 'null', method } = found;
    const giveUp = new AbortController();
    this.#open.set(idKey(id), giveUp);
    const signal = AbortSignal.any([this.#closing.signal, giveUp.signal]);
    try {
      const response = await this.#post(body, found, signal);
      if (method === 'initialize') this.#session = response.headers.get(sessionHeader) ?? undefined;
      const isAnswered = await this.#read(response, id, signal);
      if (!isAnswered) this.#refuse(id, await reasonOf(response));
    } catch (error) {
      if (!signal.aborted) this.#refuse(id, messageOf(error));
    } finally {
      this.#open.delete(idKey(id));
    }
  }

  async #notify(body: Uint8Array, found: Outline): Promise<void> {
    try {
      const response = await this.#post(body, found, this.#closing.signal);
      await response.body?.cancel();
      if (found.method === 'notifications/initialized' && response.ok) void this.#listen();
    } catch {
      // Nobody waits for an answer to it.
    }
  }

  #post(body: Uint8Array, found: Outline, signal: AbortSignal): Promise<Response> {
    const headers = { 'content-type': 'application/json', accept, ...mirrored(body, found) };
    return fetchWithin(this.#options, {
      method: 'POST',
      headers: this.#headers(headers),
      body,
      signal,
    });
  }

  /** Passes on what the answer holds. Whether the answer to this request was in it. */
  async #read(response: Response, id: string, signal: AbortSignal): Promise<boolean> {
    const type = response.headers.get('content-type') ?? '';
    if (type.includes('text/event-stream') && response.ok) {
      return await this.#follow(response, id, signal);
    }
    if (!type.includes('application/json')) return false;
    const line = await oneLine(response, this.#options.messageBytesMax);
    const found = outline(line);
    // An error that names no request is the reason why there is no answer.
    if (found.kind !== 'response' && found.kind !== 'batch') {
      if (response.ok) this.#hear(line, id);
      return false;
    }
    this.#hear(line, id);
    return true;
  }

  /** A stream of events, taken up again where it broke off, until the answer came. */
  async #follow(first: Response, id: string | undefined, signal: AbortSignal): Promise<boolean> {
    let response = first;
    let last: string | undefined;
    for (let attempts = 0; ;) {
      const came = await this.#events(response, id, (event) => {
        last = event;
        attempts = 0;
      });
      if (came) return true;
      const isResumable = last !== undefined || id === undefined;
      if (!isResumable || signal.aborted || attempts >= reconnectsMax) return false;
      await delay(Math.min(this.#retryMs * 1.5 ** attempts, reconnectDelayMsMax), signal);
      attempts += 1;
      const again = await this.#get(last, signal);
      if (again === undefined) continue;
      if (!again.ok) return false;
      response = again;
    }
  }

  /** Until the stream ends or breaks, or the answer came. */
  async #events(
    response: Response,
    id: string | undefined,
    seen: (event: string) => void,
  ): Promise<boolean> {
    if (response.body === null) return false;
    const wish = (delayMs: number): void => {
      this.#retryMs = Math.min(delayMs, reconnectDelayMsMax);
    };
    let isAnswered = false;
    try {
      const body = response.body as AsyncIterable<Uint8Array>;
      for await (const event of serverEvents(body, this.#options.messageBytesMax, wish)) {
        if (event.id !== undefined) seen(event.id);
        if (event.data === '' || event.name !== 'message') continue;
        if (this.#hear(Buffer.from(`${event.data}\n`), id)) isAnswered = true;
      }
    } catch {
      // It broke off.
    }
    return isAnswered;
  }

  /** The stream for what the server asks by itself, as long as there is one. */
  async #listen(): Promise<void> {
    if (this.#listens) return;
    this.#listens = true;
    const { signal } = this.#closing;
    const response = await this.#get(undefined, signal);
    if (response?.ok === true) await this.#follow(response, undefined, signal).catch(() => false);
    else await response?.body?.cancel();
  }

  async #get(last: string | undefined, signal: AbortSignal): Promise<Response | undefined> {
    const headers = {
      accept: 'text/event-stream',
      ...(last === undefined ? {} : { 'last-event-id': last }),
    };
    try {
      return await fetchWithin(this.#options, {
        method: 'GET',
        headers: this.#headers(headers),
        signal,
      });
    } catch {
      return undefined;
    }
  }

  /** Passes a message on. Whether it is the answer to this request. */
  #hear(line: Uint8Array, id: string | undefined): boolean {
    this.#options.say(line);
    const found = outline(line);
    if (found.kind !== 'response' || id === undefined) return false;
    this.#version ??= versionOf(line);
    return found.id === id;
  }

  #refuse(id: string, why: string): void {
    const message = `${this.#options.url.host}: ${why}`;
    const error = JSON.stringify({ code: -32_000, message });
    this.#options.say(Buffer.from(`{"jsonrpc":"2.0","id":${id},"error":${error}}\n`));
  }

  #headers(more: Readonly<Record<string, string>>): Record<string, string> {
    return {
      ...(this.#session === undefined ? {} : { [sessionHeader]: this.#session }),
      ...(this.#version === undefined ? {} : { [versionHeader]: this.#version }),
      ...more,
      ...this.#options.headers,
    };
  }
}

function delay(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((due) => {
    const timer = setTimeout(due, delayMs);
    timer.unref();
    signal?.addEventListener('abort', () => due(), { once: true });
  });
}
