/**
 * A server of ours between a client's stdin and stdout: started, relayed, and ended with the client. What the server
 * does is what the client sees, its end included.
 */
import type { Readable, Writable } from 'node:stream';
import { startServer, type End, type Server } from '../../src/protocol/child/index.js';
import type { Framing } from './framing.js';
import { relay, type Tap } from './relay.js';

export interface BetweenOptions {
  readonly file: string;
  readonly args: readonly string[];
  /** The server's environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly framing: Framing;
  readonly tap: Tap;
  /** Longer messages pass unseen. Default 64 MiB. */
  readonly messageBytesMax?: number | undefined;
  /** One line for whoever reads stderr. */
  readonly warn: (message: string) => void;
  readonly onStart?: ((server: Server) => void) | undefined;
  readonly onSignal?: ((signal: NodeJS.Signals) => void) | undefined;
  /** Whether the client's last message told the server to end, which gives it longer. */
  readonly wasTold?: (() => boolean) | undefined;
  /** The client's input has ended, or it reads no more. */
  readonly onClientGone?: ((why: 'ended' | 'unread') => void) | undefined;
  /** Default: this process's. */
  readonly client?: { readonly input: Readable; readonly output: Writable } | undefined;
}

/** Resolves with the server's end, when everything it said was passed on. Never rejects. */
export async function standBetween(options: BetweenOptions): Promise<End> {
  const { file, args, env, warn, onSignal, onStart, onClientGone } = options;
  const server = startServer({ file, args, env, warn, onSignal });
  if (server.stdin === undefined || server.stdout === undefined) return server.ended;
  onStart?.(server);
  const client = options.client ?? { input: process.stdin, output: process.stdout };
  const { drained, close } = relay({
    framing: options.framing,
    tap: options.tap,
    messageBytesMax: options.messageBytesMax,
    client,
    server: { input: server.stdin, output: server.stdout },
    warn,
    clientGone: (why) => {
      onClientGone?.(why);
      server.dismiss(options.wasTold?.());
    },
    heard: server.heard,
  });
  const end = await server.ended;
  close();
  await drained();
  return end;
}
