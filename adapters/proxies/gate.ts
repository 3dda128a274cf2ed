/**
 * A port of the loopback before a server's: each connection of a client is one to the server, and its end the other's.
 * A client that connects and closes at once, to see whether somebody is there, is one that the server sees do so.
 */
import { connect, createServer, type Socket } from 'node:net';
import type { Framing } from './framing.js';
import { relay, type Tap } from './relay.js';

/** What sees one connection's messages, and its end. */
export interface ConnectionTap extends Tap {
  /** How its messages are told apart. */
  readonly framing: Framing;
  /** The client has said its last word, or reads no more. */
  readonly clientGone?: ((why: 'ended' | 'unread') => void) | undefined;
  /** The server has said its last word on this connection, and it was passed on. */
  readonly closed?: (() => void) | undefined;
}

/** Called for each connection, with a name for it. */
export type MakeTap = (connection: string) => ConnectionTap;

export interface GateOptions {
  /** The server's port, asked for each connection; `undefined`: there is none yet. */
  readonly target: () => number | undefined;
  readonly makeTap: MakeTap;
  readonly warn: (message: string) => void;
  /** The server does not listen any more. */
  readonly unreachable?: (() => void) | undefined;
  /** The last connection is closed. */
  readonly idle?: (() => void) | undefined;
}

export interface Gate {
  readonly port: number;
  /** How many connections of clients there are. */
  readonly clients: () => number;
  /** No connection more; those there are have two seconds to take what they were sent. */
  readonly close: () => Promise<void>;
}

const loopback = '127.0.0.1';
const connectionsMax = 1024;
const lastMsMax = 2000;

/** Listens on a port of the loopback. Rejects with what the system says when that cannot be. */
export function openGate(options: GateOptions): Promise<Gate> {
  const [clients, servers] = [new Set<Socket>(), new Set<Socket>()];
  let connections = 0;
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
  server.maxConnections = connectionsMax;
  server.on('connection', (client) => {
    connections += 1;
    clients.add(client);
    client.once('close', () => {
      clients.delete(client);
      if (clients.size === 0) options.idle?.();
    });
    client.on('error', () => undefined);
    const met = meet(client, `tcp-${connections}`, options);
    if (met === undefined) return;
    servers.add(met);
    met.once('close', () => servers.delete(met));
  });
  return new Promise((opened, refused) => {
    server.once('error', refused);
    server.listen({ host: loopback, port: 0 }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      opened({
        port,
        clients: () => clients.size,
        close: () => close(server, clients, servers),
      });
    });
  });
}

/** Connects this client with the server. Returns the connection to that. */
function meet(client: Socket, name: string, options: GateOptions): Socket | undefined {
  const port = options.target();
  if (port === undefined) {
    client.destroy();
    return undefined;
  }
  const server = connect({ port, host: loopback, allowHalfOpen: true, noDelay: true });
  const turnAway = (error: Error): void => {
    options.warn(`a client was turned away: ${error.message}`);
    client.destroy();
    options.unreachable?.();
  };
  server.once('error', turnAway);
  server.once('connect', () => {
    server.off('error', turnAway);
    join(client, server, options.makeTap(name), options.warn);
  });
  return server;
}

/** From here on the two are one connection. */
function join(
  client: Socket,
  server: Socket,
  tap: ConnectionTap,
  warn: (message: string) => void,
): void {
  const { drained } = relay({
    framing: tap.framing,
    tap,
    client: { input: client, output: client },
    server: { input: server, output: server },
    warn,
    clientGone: (why) => tap.clientGone?.(why),
  });
  let isOver = false;
  const over = async (act: () => void): Promise<void> => {
    await drained();
    if (!isOver) tap.closed?.();
    isOver = true;
    act();
  };
  server.once('end', () => void over(() => client.end()));
  server.once('close', () => void over(() => client.destroySoon()));
  // A client that was reset meanwhile says no more that it has gone.
  if (client.destroyed) server.end();
  client.resume();
}

async function close(
  listener: ReturnType<typeof createServer>,
  clients: ReadonlySet<Socket>,
  servers: ReadonlySet<Socket>,
): Promise<void> {
  const closed = new Promise<void>((done) => {
    listener.close(() => done());
  });
  const timer = setTimeout(() => {
    for (const socket of [...clients, ...servers]) socket.destroy();
  }, lastMsMax);
  // A client's own end comes when it was sent all that the server had said.
  for (const socket of servers) socket.end();
  await closed;
  clearTimeout(timer);
}
