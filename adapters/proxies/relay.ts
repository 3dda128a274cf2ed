/**
 * Two pipes in opposite directions, with a tap that sees whole messages. What the tap does not change goes on byte for
 * byte, in order, one write for each message; a reader that stops stops the writer at the other end. Knows no framing
 * and no protocol, and keeps no file.
 */
import type { Readable, Writable } from 'node:stream';
import { changing, holding, observing, unseen, type Direction } from './direction.js';
import type { Cutter, Framing } from './framing.js';
import { Outlet } from './outlet.js';

export const messageBytesMaxDefault: number = 64 * 1024 * 1024;
/** How long nothing must come, after the server's end, from others who hold its stdout, until we stop waiting. */
const silenceMsMax = 250;

/** What sees the messages. A function that throws has seen nothing, and the message goes on. */
export interface Tap {
  /**
   * A message from the client, and what goes on instead: the same array for the same bytes. A promise, which must not
   * reject, holds everything behind it.
   */
  readonly client?: ((body: Uint8Array) => Uint8Array | Promise<Uint8Array>) | undefined;
  /** A message from the server, after it was passed on. */
  readonly server?: ((body: Uint8Array) => void) | undefined;
  /** A message from the server, before: until the promise resolves it waits, and everything behind it. */
  readonly answer?: ((body: Uint8Array) => Promise<void> | undefined) | undefined;
}

export interface RelayOptions {
  readonly framing: Framing;
  readonly tap: Tap;
  readonly client: { readonly input: Readable; readonly output: Writable };
  readonly server: { readonly input: Writable; readonly output: Readable };
  /** Longer messages pass unseen. Default 64 MiB. */
  readonly messageBytesMax?: number | undefined;
  /** Says how many messages were too large to be seen: at the first, the tenth, and so on. */
  readonly warn: (message: string) => void;
  /** Called once: the client's input has ended, or nobody reads what the server says. */
  readonly clientGone: (why: 'ended' | 'unread') => void;
  /** The server has said something, or has taken something. */
  readonly heard?: (() => void) | undefined;
}

export interface Relay {
  /** Resolves when all that the server said has been written. Call it when the server has ended. */
  readonly drained: () => Promise<void>;
  /** Lets go of the client's input. */
  readonly close: () => void;
}

export function relay(options: RelayOptions): Relay {
  const { client, server, heard = () => undefined } = options;
  const toServer = new Outlet(server.input, {
    roomy: () => client.input.resume(),
    // The client's input is read on: its end is the sign that the client is gone.
    broken: () => undefined,
    written: heard,
  });
  const hangUp = once((why: 'ended' | 'unread') => {
    options.clientGone(why);
    void finish(toServer, server.input);
  });
  const toClient = new Outlet(client.output, {
    roomy: () => server.output.resume(),
    broken: () => hangUp('unread'),
  });
  const { up, down } = directions(options, toServer, toClient);
  const ended = (): void => {
    up.end();
    hangUp('ended');
  };
  client.input.once('end', ended);
  client.input.once('error', ended);
  client.input.on('data', (chunk: Uint8Array) => {
    up.push(chunk);
    if (toServer.isFull) client.input.pause();
  });
  let heardMs = performance.now();
  server.output.on('error', () => undefined);
  server.output.on('data', (chunk: Uint8Array) => {
    down.push(chunk);
    if (toClient.isFull) server.output.pause();
    heardMs = performance.now();
    // What nobody reads is no reason to wait for more.
    if (!toClient.isBroken) heard();
  });
  return {
    drained: async () => {
      await silence(server.output, () => heardMs);
      down.end();
      await toClient.drained();
    },
    close: () => {
      client.input.destroy();
    },
  };
}

function directions(
  { framing, tap, messageBytesMax = messageBytesMaxDefault, warn }: RelayOptions,
  toServer: Outlet,
  toClient: Outlet,
): { readonly up: Direction; readonly down: Direction } {
  const oversize = oversizeCounter(warn);
  const cutter = (): Cutter => framing.cutter({ messageBytesMax, oversize });
  const { client, server = () => undefined, answer } = tap;
  const up =
    client === undefined
      ? unseen({ framing, to: toServer })
      : changing({ framing, to: toServer, cutter: cutter() }, client);
  if (answer === undefined && tap.server === undefined) {
    return { up, down: unseen({ framing, to: toClient }) };
  }
  const parts = { framing, to: toClient, cutter: cutter() };
  return {
    up,
    down: answer === undefined ? observing(parts, server) : holding(parts, answer, server),
  };
}

async function finish(outlet: Outlet, stream: Writable): Promise<void> {
  await outlet.drained();
  stream.end();
}

/** Resolves at the stream's end, or when nothing has come for a while: descendants may hold it open for ever. */
function silence(from: Readable, heardMs: () => number): Promise<void> {
  const sinceMs = performance.now();
  return new Promise((quiet) => {
    if (from.readableEnded || from.destroyed) {
      quiet();
      return;
    }
    const timer = setInterval(() => {
      const idleMs = performance.now() - Math.max(sinceMs, heardMs());
      if (!from.isPaused() && idleMs > silenceMsMax) from.destroy();
    }, silenceMsMax / 5);
    from.once('close', () => {
      clearInterval(timer);
      quiet();
    });
  });
}

function oversizeCounter(warn: (message: string) => void): () => void {
  let count = 0;
  return () => {
    count += 1;
    if (!/^10*$/.test(String(count))) return;
    const were = count === 1 ? 'message was' : 'messages were';
    warn(`${count} ${were} too large to be looked at, and passed on unchanged`);
  };
}

function once<Value>(act: (value: Value) => void): (value: Value) => void {
  let isDone = false;
  return (value) => {
    if (isDone) return;
    isDone = true;
    act(value);
  };
}
