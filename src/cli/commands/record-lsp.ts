/**
 * `throughline record lsp`: the proxy for a language server that does the work itself, and a stream of what it was asked
 * to do and what it edited. Unlike `proxy lsp` it is a host, and writes.
 */
import { contentLength } from '../../../adapters/proxies/lsp-framing.js';
import { lastWord } from '../../../adapters/proxies/lsp-front.js';
import { LspRecording, lspMethodTable } from '../../hook/proxied/index.js';
import { UsageError, type Given } from '../command.js';
import { injectOf } from '../inject.js';
import { serverCommand } from '../proxying.js';
import { recordServer } from '../recorded-server.js';
import { strayWriter } from '../stray.js';
import { tell } from '../tell.js';

export async function execute(given: Given): Promise<number> {
  const command = serverCommand(given, 'record lsp [OPTION…] -- SERVER [ARGUMENT…]');
  const inject = injectOf(given.value('inject'));
  if (inject === 'none') {
    throw new UsageError(
      'record lsp always puts its own span in: --inject none means nothing to it',
    );
  }
  const names = given.values('methods').flatMap((list) => list.split(','));
  const methods = lspMethodTable(names.filter((name) => name !== ''));
  return recordServer('lsp', command, given.value('root'), (recorder) => {
    const recording = new LspRecording({ recorder, inject, methods, warn: tell });
    const last = lastWord();
    return {
      recording,
      framing: contentLength(strayWriter()),
      wasTold: last.isExit,
      tap: {
        client: (body) => {
          last.see(body);
          return recording.client(body);
        },
        answer: (body) => recording.answer(body),
      },
    };
  });
}
