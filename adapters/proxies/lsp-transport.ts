/** How a language server is reached: its own streams, or a loopback port. Starts nothing by itself. */
import { connect, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { Server } from '../../src/protocol/child/index.js';

/** `printed`: the server prints `port:N` on stdout. `port`: it listens there, because it was told to. */
export type ServerTransport =
  | { readonly kind: 'stdio' }
  | { readonly kind: 'printed' }
  | { readonly kind: 'port'; readonly port: number };

export interface ServerStreams {
  readonly input: Writable;
  readonly output: Readable;
}

const portPattern = /\bport\b\s*[:=]?\s*(\d{1,5})\b/i;
const printedCharsMax = 65_536;
const connectMsMax = 10_000;
const retryMs = 50;

/** The server's streams; `undefined` when it has ended, or could not be started or reached: then it is ended. */
export async function reachServer(
  server: Server,
  transport: ServerTransport,
  stray: (bytes: Uint8Array) => void,
): Promise<ServerStreams | undefined> {
  const { stdin, stdout } = server;
  if (stdin === undefined || stdout === undefined) return undefined;
  if (transport.kind === 'stdio') return { input: stdin, output: stdout };
  stdin.on('error', () => undefined);
  stdout.on('error', () => undefined);
  const port = transport.kind === 'port' ? transport.port : await printedPort(stdout, stray);
  // What it prints from here on is meant for people.
  stdout.on('data', stray);
  const socket = port === undefined ? undefined : await connectTo(port, server);
  if (socket === undefined) {
    stdin.end();
    server.dismiss();
    return undefined;
  }
  return { input: socket, output: socket };
}

function printedPort(
  stdout: Readable,
  stray: (bytes: Uint8Array) => void,
): Promise<number | undefined> {
  let text = '';
  return new Promise((found) => {
    const read = (chunk: Uint8Array): void => {
      stray(chunk);
      text = (text + Buffer.from(chunk).toString('latin1')).slice(-printedCharsMax);
      // A number at the end may go on in the next chunk.
      const match = portPattern.exec(text);
      if (match === null || match.index + match[0].length === text.length) return;
      stdout.off('data', read);
      found(Number(match[1]));
    };
    stdout.on('data', read);
    stdout.once('close', () => found(undefined));
  });
}

/** Connects as soon as somebody listens, unless the server ends first. */
async function connectTo(port: number, server: Server): Promise<Socket | undefined> {
  const ended = server.ended.then(() => true);
  for (const startMs = performance.now(); performance.now() - startMs < connectMsMax;) {
    const socket = await attempt(port);
    if (socket !== undefined) return socket;
    const pause = new Promise<boolean>((later) => {
      setTimeout(() => later(false), retryMs);
    });
    if (await Promise.race([ended, pause])) return undefined;
  }
  return undefined;
}

function attempt(port: number): Promise<Socket | undefined> {
  return new Promise((settle) => {
    const socket = connect({ port, host: 'localhost', noDelay: true, allowHalfOpen: true });
    socket.once('connect', () => settle(socket));
    socket.once('error', () => settle(undefined));
  });
}
