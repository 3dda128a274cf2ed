/**
 * `throughline proxy lsp --tcp`: for an editor that starts a language server, reads a port off its stdout and connects,
 * as the extension of FineCode does. Towards the editor every byte is the server's, but for the port.
 */
import type { End } from '../../src/protocol/child/index.js';
import { inserted } from '../../src/protocol/index.js';
import { contentLength } from './lsp-framing.js';
import { lastWord, lspFront } from './lsp-front.js';
import type { LspProxyOptions } from './lsp.js';
import { standOnPort } from './on-port.js';

/** Runs until the server has ended, and says how it did. */
export function proxyLspOnPort(options: Omit<LspProxyOptions, 'transport'>): Promise<End> {
  const { stray, editor } = options;
  const last = lastWord();
  return standOnPort({
    ...options,
    client: editor,
    wasTold: last.isExit,
    makeTap: () => {
      const front = lspFront(options);
      return {
        framing: contentLength(stray),
        client: (body) => {
          last.see(body);
          const written = front(body);
          return written instanceof Uint8Array ? written : inserted(body, written);
        },
      };
    },
  });
}
