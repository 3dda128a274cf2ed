/**
 * `throughline record lsp`: the proxy for a language server that does the work itself, and a stream of what it was asked
 * to do and what it edited. Unlike `proxy lsp` it is a host, and writes.
 */
import { basename } from 'node:path';
import { contentLength } from '../../../adapters/proxies/lsp-framing.js';
import { lastWord } from '../../../adapters/proxies/lsp-front.js';
import { standOnPort } from '../../../adapters/proxies/on-port.js';
import type { Recorder } from '../../hook/index.js';
import { LspRecording, lspMethodTable } from '../../hook/proxied/index.js';
import { UsageError, type Given } from '../command.js';
import { injectOf } from '../inject.js';
import { serverCommand, type ServerCommand } from '../proxying.js';
import {
  howItEnded,
  recordAround,
  recordServer,
  type ServerRecording,
} from '../recorded-server.js';
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
  const root = given.value('root');
  const last = lastWord();
  const connect = (recorder: Recorder): Recorded => {
    const recording = new LspRecording({ recorder, inject, methods, warn: tell });
    return {
      recording,
      framing: contentLength(strayWriter()),
      tap: {
        client: (body) => {
          last.see(body);
          return recording.client(body);
        },
        answer: (body) => recording.answer(body),
      },
    };
  };
  if (given.flag('tcp')) return recordOnPort(command, root, last.isExit, connect);
  return recordServer('lsp', command, root, (recorder) => ({
    ...connect(recorder),
    wasTold: last.isExit,
  }));
}

type Recorded = Pick<ServerRecording, 'framing' | 'tap'> & { readonly recording: LspRecording };

/** For an editor that connects: each connection is recorded by itself, in one stream. */
function recordOnPort(
  { file, args }: ServerCommand,
  root: string | undefined,
  wasTold: () => boolean,
  connect: (recorder: Recorder) => Recorded,
): Promise<number> {
  const named = { role: 'lsp', root, runner: basename(file) } as const;
  return recordAround(named, async ({ recorder, env, onStart }) => {
    const recordings: LspRecording[] = [];
    const end = await standOnPort({
      file,
      args,
      env,
      warn: tell,
      onStart,
      wasTold,
      client: { input: process.stdin, output: process.stdout },
      makeTap: () => {
        const { recording, framing, tap } = connect(recorder);
        recordings.push(recording);
        return { ...tap, framing, clientGone: (why) => recording.clientGone(why) };
      },
    });
    const why = howItEnded(end);
    return {
      end,
      close: async () => {
        await Promise.all(recordings.map((recording) => recording.close(why)));
      },
    };
  });
}
