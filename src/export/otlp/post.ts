/** One HTTP POST, with an end in sight. Follows no redirect, uses no proxy, and never prints a header. */
import {
  request as requestHttp,
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { request as requestHttps, Agent as HttpsAgent } from 'node:https';
import { answerBytesMax, type Answer } from './answer.js';

export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** From the first byte sent to the last byte read. */
  readonly postMsMax: number;
}

/** Rejects when no answer came. */
export type Poster = (post: Post) => Promise<Answer>;

/** Posts over one connection, which is kept until `close`. */
export function poster(url: URL): { readonly post: Poster; readonly close: () => void } {
  const isSecure = url.protocol === 'https:';
  const agent = isSecure
    ? new HttpsAgent({ keepAlive: true, maxSockets: 1 })
    : new HttpAgent({ keepAlive: true, maxSockets: 1 });
  const open = isSecure ? requestHttps : requestHttp;
  const post: Poster = ({ headers, body, postMsMax }) =>
    new Promise((settle, fail) => {
      const sent: ClientRequest = open(url, {
        method: 'POST',
        agent,
        headers: { ...headers, 'content-length': String(body.length) },
      });
      const timer = setTimeout(() => {
        sent.destroy(
          Object.assign(new Error(`no answer in ${postMsMax} ms`), { code: 'ETIMEDOUT' }),
        );
      }, postMsMax);
      // An answer that breaks off fails where it is read.
      sent.once('response', (response) => {
        read(response).then(settle, fail);
      });
      sent.once('error', fail);
      sent.once('close', () => clearTimeout(timer));
      sent.end(body);
    });
  return { post, close: () => agent.destroy() };
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // All of it, so that the connection can be used again; kept is what an answer may be long. One that goes on for ever is
  // broken off, and the connection with it.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (bytes < answerBytesMax) chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > 16 * answerBytesMax) break;
  }
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    retryAfter: response.headers['retry-after'],
    body: Buffer.concat(chunks).subarray(0, answerBytesMax),
  };
}
