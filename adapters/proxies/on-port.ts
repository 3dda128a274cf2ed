/**
 * A server of ours that listens on a port and prints it, for a client that reads the port and connects: the client reads
 * ours in its place. The server's end is ours. Writes no file.
 */
import { Transform, type Readable, type Writable } from 'node:stream';
import { startServer, type End, type Server } from '../../src/protocol/child/index.js';
import { openGate, type ConnectionTap } from './gate.js';
import { lastWords, passOn } from './printed.js';

export interface OnPortOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Called for each connection, with a name for it. */
  readonly makeTap: (connection: string) => ConnectionTap;
  readonly warn: (message: string) => void;
  readonly onStart?: ((server: Server) => void) | undefined;
  /** Whether a client's last message told the server to end, which gives it longer. */
  readonly wasTold?: (() => boolean) | undefined;
  /** The client's process. */
  readonly client: { readonly input: Readable; readonly output: Writable };
}

/** As FineCode's language server has it, and others: `port:N`, with more around it or without. */
const portPattern = /\bport\b\s*[:=]?\s*(\d{1,5})(?=\D)/di;
const heldBytesMax = 65_536;
/** How long a client that has ended our input may take to connect. */
const connectMsMax = 60_000;

/** Resolves with the server's end, when everything it said was passed on. Never rejects but for want of a port. */
export async function standOnPort(options: OnPortOptions): Promise<End> {
  const { file, args, env, warn, makeTap, client } = options;
  let target: number | undefined;
  let leave: (() => void) | undefined;
  const gate = await openGate({ target: () => target, makeTap, warn, idle: () => leave?.() });
  const server = startServer({ file, args, env, warn });
  const { stdin, stdout } = server;
  if (stdin === undefined || stdout === undefined) {
    await gate.close();
    return server.ended;
  }
  options.onStart?.(server);
  stdin.on('error', () => undefined);
  client.input.on('error', () => undefined);
  client.input.pipe(stdin);
  let wasIdle = false;
  leave = () => {
    wasIdle ||= target !== undefined;
    // A client that has gone and whose process is gone, too, will not come again.
    if (wasIdle && gate.clients() === 0 && client.input.readableEnded) {
      server.dismiss(options.wasTold?.());
    }
  };
  client.input.once('end', () => {
    if (wasIdle) leave?.();
    // It may have no input for us and be there all the same; then it connects soon.
    else setTimeout(() => gate.clients() === 0 && server.dismiss(), connectMsMax).unref();
  });
  const renamed = portReplacer(gate.port, (port) => {
    target = port;
  });
  passOn(stdout.pipe(renamed), client.output);
  const end = await server.ended;
  await gate.close();
  await lastWords(stdout);
  renamed.end();
  await lastWords(renamed);
  client.input.destroy();
  return end;
}

/** Passes text on byte for byte, but for the first port that is named in it. */
function portReplacer(port: number, found: (port: number) => void): Transform {
  let held: Buffer | undefined = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _, done) {
      if (held === undefined) {
        done(null, chunk);
        return;
      }
      held = Buffer.concat([held, chunk]);
      const text = held.toString('latin1');
      const [start, end] = portPattern.exec(text)?.indices?.[1] ?? [];
      if (start !== undefined && end !== undefined) {
        found(Number(text.slice(start, end)));
        const named = text.slice(0, start) + String(port) + text.slice(end);
        held = undefined;
        done(null, Buffer.from(named, 'latin1'));
        return;
      }
      // A line may still become one that names it.
      const whole = held.length > heldBytesMax ? held.length : held.lastIndexOf(0x0a) + 1;
      const line = held.subarray(0, whole);
      held = held.subarray(whole);
      done(null, line);
    },
    flush(done) {
      done(null, held);
    },
  });
}
