/**
 * `throughline proxy lsp`: stands between an editor and its language server. Each message of the editor becomes a
 * request with an id of its own; towards the editor nothing is added, ever. Repairs the framing of servers that print
 * to stdout. Writes no file.
 */
import type { Readable, Writable } from 'node:stream';
import { startServer, type End } from '../../src/protocol/child/index.js';
import { FramingGate } from '../../src/protocol/index.js';
import { pump, quiet } from './json-rpc-pump.js';
import type { Inject } from './json-rpc-stamp.js';
import { lastWord, lspFront } from './lsp-front.js';
import { reachServer, type ServerTransport } from './lsp-transport.js';

export const lspMessageBytesMax: number = 64 * 1024 * 1024;

export interface LspProxyOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly inject: Inject;
  readonly ownProcessId?: number | undefined;
  readonly transport: ServerTransport;
  readonly editor: { readonly input: Readable; readonly output: Writable };
  /** Takes what a server printed between its messages. */
  readonly stray: (bytes: Uint8Array) => void;
  readonly warn: (message: string) => void;
}

/** Runs until the server has ended, and says how it did. Never rejects. */
export async function proxyLsp(options: LspProxyOptions): Promise<End> {
  const { file, args, env, editor, stray, warn } = options;
  const server = startServer({ file, args, env, warn });
  const streams = await reachServer(server, options.transport, stray);
  if (streams === undefined) return server.ended;
  const { input, output } = streams;
  const front = lspFront(options);
  const last = lastWord();
  const gate = { stray, messageBytesMax: lspMessageBytesMax };
  const hangUp = (): void => {
    input.end();
    server.stdin?.end();
    server.dismiss(last.isExit());
  };
  pump(
    editor.input,
    input,
    (write) =>
      new FramingGate({
        ...gate,
        write,
        rewrite: (body) => {
          last.see(body);
          try {
            return front(body);
          } catch {
            // Whatever we could not make of it, it is the server's message.
            return body;
          }
        },
        oversize: (bytes) => warn(`a message of ${bytes} bytes is passed on without an id`),
      }),
    // The server may close its stdin and live: whether it ends is its own affair.
    { ended: hangUp, broken: () => undefined },
  );
  const down = pump(output, editor.output, (write) => new FramingGate({ ...gate, write }), {
    ended: () => {
      if (options.transport.kind !== 'stdio') hangUp();
    },
    broken: hangUp,
    heard: server.heard,
  });
  const end = await server.ended;
  await quiet(output, down);
  editor.input.destroy();
  return end;
}
