/**
 * Where FineCode's clients connect: each connection is one to the workspace manager, and its end the other's. A client
 * that connects and closes at once, to see whether somebody is there, is one that the WM sees do so.
 */
import { connect, createServer, type Socket } from 'node:net';
import { relay, type Tap } from '../proxies/relay.js';
import { exactFrames } from './exact-frames.js';

/** What sees one connection's messages, and its end. */
export interface ConnectionTap extends Tap {
  /** The client has said its last word, or reads no more. */
  readonly clientGone?: ((why: 'ended' | 'unread') => void) | undefined;
  /** The WM has said its last word on this connection, and it was passed on. */
  readonly closed?: (() => void) | undefined;
}

/** Called for each connection, with a name for it. */
export type MakeTap = (connection: string) => ConnectionTap;

export interface GateOptions {
  /** The workspace manager's port. */
  readonly target: number;
  readonly makeTap: MakeTap;
  readonly warn: (message: string) => void;
  /** The workspace manager does not listen any more. */
  readonly unreachable?: (() => void) | undefined;
}

export interface Gate {
  readonly port: number;
  /** No connection more; those there are have two seconds to take what they were sent. */
  readonly close: () => Promise<void>;
}

const loopback = '127.0.0.1';
const connectionsMax = 1024;
const lastMsMax = 2000;

/** Listens on a port of the loopback. Rejects with what the system says when that cannot be. */
export function openGate(options: GateOptions): Promise<Gate> {
  const open = new Set<Socket>();
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  let connections = 0;
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
  server.maxConnections = connectionsMax;
  server.on('connection', (client) => {
    connections += 1;
    keep(client);
    keep(meet(client, `tcp-${connections}`, options));
  });
  return new Promise((opened, refused) => {
    server.once('error', refused);
    server.listen({ host: loopback, port: 0 }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      opened({ port, close: () => close(server, open) });
    });
  });
}

/** Connects this client with the workspace manager. Returns the connection to that. */
function meet(client: Socket, name: string, options: GateOptions): Socket {
  const wm = connect({ port: options.target, host: loopback, allowHalfOpen: true, noDelay: true });
  client.on('error', () => undefined);
  const turnAway = (error: Error): void => {
    options.warn(`a client was turned away: ${error.message}`);
    client.destroy();
    options.unreachable?.();
  };
  wm.once('error', turnAway);
  wm.once('connect', () => {
    wm.off('error', turnAway);
    join(client, wm, name, options);
  });
  return wm;
}

/** From here on the two are one connection. */
function join(client: Socket, wm: Socket, name: string, { makeTap, warn }: GateOptions): void {
  const tap = makeTap(name);
  const strange = (): void => {
    warn(`${name} is framed in another way than FineCode does: it is passed on and not looked at`);
  };
  const { drained } = relay({
    framing: exactFrames(strange),
    tap,
    client: { input: client, output: client },
    server: { input: wm, output: wm },
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
  wm.once('end', () => void over(() => client.end()));
  wm.once('close', () => void over(() => client.destroySoon()));
  // A client that was reset meanwhile says no more that it has gone.
  if (client.destroyed) wm.end();
  client.resume();
}

async function close(server: ReturnType<typeof createServer>, open: Set<Socket>): Promise<void> {
  const closed = new Promise<void>((done) => {
    server.close(() => done());
  });
  const timer = setTimeout(() => {
    for (const socket of open) socket.destroy();
  }, lastMsMax);
  // What still waits for somebody to go is held by both.
  for (const socket of open) socket.end();
  await closed;
  clearTimeout(timer);
}
