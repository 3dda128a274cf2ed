/** stdio in, Streamable HTTP out: an MCP server elsewhere, for a client that starts a command. Writes no file. */
import type { Readable, Writable } from 'node:stream';
import type { Cutter, Piece } from './framing.js';
import { Remote } from './http-remote.js';
import { lines } from './lines.js';
import { Outlet } from './outlet.js';
import { messageBytesMaxDefault } from './relay.js';
import { Skeleton } from './skeleton.js';

export interface HttpProxyOptions {
  readonly url: URL;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** What is sent in the place of a message: the same array for the same bytes. */
  readonly stamp: (body: Uint8Array) => Uint8Array;
  readonly warn: (message: string) => void;
  /** Default: this process's. */
  readonly client?: { readonly input: Readable; readonly output: Writable } | undefined;
  readonly messageBytesMax?: number | undefined;
  readonly fetch?: typeof fetch | undefined;
}

/** Of messages that wait to be sent; more holds the client up. */
const waitingBytesMax = 8 * 1024 * 1024;
/** How long after the client's last word the server may be silent. */
const patienceMs = 2000;
const pollMs = 20;
const newline = 0x0a;

/** Resolves when the client's input has ended, and what it asked for was answered or given up. Never rejects. */
export async function proxyHttp(options: HttpProxyOptions): Promise<void> {
  const { url, headers, warn, messageBytesMax = messageBytesMaxDefault } = options;
  const { input, output } = options.client ?? { input: process.stdin, output: process.stdout };
  let saidMs = performance.now();
  const gone = new AbortController();
  const outlet = new Outlet(output, {
    roomy: () => undefined,
    broken: () => {
      gone.abort();
      input.destroy();
    },
  });
  const remote = new Remote({
    url,
    headers,
    messageBytesMax,
    fetch: options.fetch ?? fetch,
    say: (line) => {
      saidMs = performance.now();
      outlet.write(line);
    },
  });
  const why = `a message over ${messageBytesMax} bytes cannot be sent`;
  const cutter = lines.cutter({ messageBytesMax, oversize: () => warn(why) });
  const take = {
    stamp: options.stamp,
    oversize: (rest: Uint8Array) => remote.refuse(rest, why),
  };
  await read(input, cutter, take, remote);
  const stopMs = performance.now() + patienceMs;
  while (remote.open > 0 && !gone.signal.aborted) {
    if (performance.now() > Math.max(stopMs, saidMs + patienceMs)) break;
    await pause();
  }
  await remote.close();
  await outlet.drained();
}

interface Take {
  readonly stamp: HttpProxyOptions['stamp'];
  /** A message was too large: this is what is left of it. */
  readonly oversize: (rest: Uint8Array) => void;
}

/** Sends what the client says, in order, until its input ends and everything has been sent. */
async function read(
  input: Readable,
  cutter: Cutter,
  { stamp, oversize }: Take,
  remote: Remote,
): Promise<void> {
  let waitingBytes = 0;
  let sent: Promise<void> = Promise.resolve();
  const send = async (body: Uint8Array): Promise<void> => {
    waitingBytes += body.length;
    if (waitingBytes > waitingBytesMax) input.pause();
    await remote.send(body);
    waitingBytes -= body.length;
    if (waitingBytes <= waitingBytesMax) input.resume();
  };
  const large = new Skeleton();
  const take = (pieces: readonly Piece[]): void => {
    for (const piece of pieces) {
      if (piece.kind === 'raw') {
        large.push(piece.bytes);
        if (piece.bytes.at(-1) === newline) oversize(large.take());
        continue;
      }
      if (isBlank(piece.body)) continue;
      // Its line's end goes along: no parser minds it.
      sent = send(stamp(piece.body));
    }
  };
  input.on('data', (chunk: Uint8Array) => take(cutter.push(chunk)));
  await new Promise<void>((ended) => {
    input.once('error', () => ended());
    input.once('close', () => ended());
    input.once('end', () => ended());
  });
  take(cutter.end());
  oversize(large.take());
  await sent;
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}

function pause(): Promise<void> {
  return new Promise((due) => {
    setTimeout(due, pollMs);
  });
}
