/**
 * `throughline proxy json-rpc`: stands between clients and a server that speak JSON-RPC over TCP or Unix sockets. One
 * connection of a client is one connection to the server, whose ends are each other's. Nothing is added to what goes to
 * a client. Writes no file; a Unix socket of its own is gone when it ends.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { ThroughlineError } from '../../src/context/index.js';
import type { Outline, Rewrite } from '../../src/protocol/index.js';
import { formatAddress, type Address } from './json-rpc-address.js';
import { rewritingGate, type MessageFraming } from './json-rpc-gate.js';
import { pump, type Gate } from './json-rpc-pump.js';
import { stamper, type Inject, type Stamp } from './json-rpc-stamp.js';

const messageBytesMax = 64 * 1024 * 1024;
const connectionsMax = 1024;

export interface JsonRpcProxyOptions {
  readonly listen: Address;
  readonly connect: Address;
  readonly inject: Inject;
  readonly framing: MessageFraming;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stray: (bytes: Uint8Array) => void;
  readonly warn: (message: string) => void;
}

export interface JsonRpcProxy {
  /** Where it listens: the port, when any was asked for. */
  readonly address: Address;
  /** Ends all connections and takes the socket away. May be called twice. */
  readonly close: () => Promise<void>;
}

/** Resolves when clients can connect. Throws `ARGUMENT_INVALID` when the address cannot be listened on. */
export async function proxyJsonRpc(options: JsonRpcProxyOptions): Promise<JsonRpcProxy> {
  const open = new Set<Socket>();
  const stamp = stamper({ ...options, isLeftAlone, stampOf });
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
  server.maxConnections = connectionsMax;
  server.on('connection', (client) => {
    keep(client);
    client.on('error', () => undefined);
    const target = connect({ ...options.connect, allowHalfOpen: true, noDelay: true });
    keep(target);
    const turnAway = (error: Error): void => {
      const where = formatAddress(options.connect);
      options.warn(`a client was turned away: cannot connect to ${where}: ${error.message}`);
      client.destroy();
    };
    target.once('error', turnAway);
    target.once('connect', () => {
      target.off('error', turnAway);
      join(client, target, options, stampBody);
    });
  });
  const stampBody: Rewrite = (body) => {
    try {
      return stamp(body);
    } catch {
      // Whatever we could not make of it, it is the server's message.
      return body;
    }
  };
  const address = await listen(server, options.listen);
  return {
    address,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** From here on the two are one connection. */
function join(
  client: Socket,
  target: Socket,
  options: JsonRpcProxyOptions,
  rewrite: Rewrite,
): void {
  const { framing, stray, warn } = options;
  const part = (): void => {
    client.destroy();
    target.destroy();
  };
  const oversize = (): void => warn('a message over 64 MiB is passed on without an id');
  const up = (write: (bytes: Uint8Array) => void): Gate =>
    rewritingGate({ framing, stray, messageBytesMax, oversize, write, rewrite });
  pump(client, target, up, { ended: () => target.end(), broken: part });
  // A client that has gone meanwhile says no more that it has.
  if (client.destroyed) part();
  pump(target, client, unseen, { ended: () => client.end(), broken: part });
  client.resume();
}

function listen(server: Server, address: Address): Promise<Address> {
  return new Promise((listening, refuse) => {
    server.once('error', (error) => {
      refuse(
        new ThroughlineError(
          'ARGUMENT_INVALID',
          `Cannot listen on ${formatAddress(address)}: ${error.message}`,
          { cause: error },
        ),
      );
    });
    const isSocketFile = 'path' in address;
    // A socket file that others could connect to would lend them our user's server.
    const before = isSocketFile ? process.umask(0o177) : 0;
    try {
      server.listen(address, () => {
        const bound = server.address();
        const isTcp = typeof bound === 'object' && bound !== null;
        listening(isTcp ? { host: bound.address, port: bound.port } : address);
      });
    } finally {
      if (isSocketFile) process.umask(before);
    }
  });
}

/** What begins with `$/` is about another message and belongs to its request. */
function isLeftAlone({ method = '' }: Outline): boolean {
  return method.startsWith('$/');
}

function stampOf({ method = '' }: Outline): Stamp {
  return { origin: { front: 'json-rpc', method }, isOfMethod: true };
}

/** What a server says goes on in the chunks it comes in, and nobody looks. */
function unseen(write: (bytes: Uint8Array) => void): Gate {
  return { push: write, end: () => undefined };
}
