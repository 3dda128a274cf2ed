/** A collector of our own making on a loopback port: it answers as it is told and keeps what it took. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Unpacked. */
  readonly body: Buffer;
}

/** What to do with the n-th request, from 0. */
export type Reaction = (response: ServerResponse, index: number, request: IncomingMessage) => void;

export interface FakeCollector {
  readonly url: URL;
  /** All, in order, also those that were refused. */
  readonly received: readonly Received[];
  close(): Promise<void>;
}

export const taken: Reaction = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"partialSuccess":{}}');
};

export async function startCollector(react: Reaction = taken): Promise<FakeCollector> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const packed = Buffer.concat(chunks);
      const body = headers['content-encoding'] === 'gzip' ? gunzipSync(packed) : packed;
      received.push({ method, url, headers, body });
      react(response, received.length - 1, request);
    });
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    received,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
