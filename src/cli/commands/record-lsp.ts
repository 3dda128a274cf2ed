/**
 * `throughline record lsp`: the proxy for a language server that does the work itself, and a stream of what it was asked
 * to do and what it edited. Unlike `proxy lsp` it is a host, and writes.
 */
import { basename } from 'node:path';
import { standBetween } from '../../../adapters/proxies/between.js';
import { contentLength } from '../../../adapters/proxies/lsp-framing.js';
import { lastWord } from '../../../adapters/proxies/lsp-front.js';
import { openRecorder, type Recorder } from '../../hook/index.js';
import { LspRecording, lspMethodTable } from '../../hook/proxied/index.js';
import type { End } from '../../protocol/child/index.js';
import { exitAs } from '../child.js';
import { UsageError, type Given } from '../command.js';
import { injectOf } from '../inject.js';
import { serverCommand, type ServerCommand } from '../proxying.js';
import { howItEnded, recordEnd, sayWhatIsMissing } from '../recorded-server.js';
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
  const methods = given.values('methods').flatMap((names) => names.split(','));
  // The recorder says what it loses on Node's warning channel, in two lines; we say it in one of our own.
  process.removeAllListeners('warning');
  const recorder = await openRecorder({
    role: 'lsp',
    root: given.value('root'),
    workspace: process.cwd(),
    name: 'throughline record lsp',
  });
  const isRecorded = recorder.writerId !== '';
  if (!isRecorded) sayWhatIsMissing(recorder);
  const recording = new LspRecording({
    recorder,
    inject,
    methods: lspMethodTable(methods.filter((name) => name !== '')),
    warn: tell,
  });
  const end = await serve(command, recorder, recording);
  await recording.close(howItEnded(end));
  await recorder.close().catch(() => undefined);
  if (isRecorded) sayWhatIsMissing(recorder);
  return exitAs(end);
}

async function serve(
  { file, args }: ServerCommand,
  recorder: Recorder,
  recording: LspRecording,
): Promise<End> {
  const runner = basename(file);
  const last = lastWord();
  const end = await standBetween({
    file,
    args,
    env: { ...process.env, ...recorder.childEnv() },
    framing: contentLength(strayWriter()),
    tap: {
      client: (body) => {
        last.see(body);
        return recording.client(body);
      },
      answer: (body) => recording.answer(body),
    },
    warn: tell,
    wasTold: last.isExit,
    onStart: ({ pid }) => recorder.recordRunner('started', { runner, pid }),
    onClientGone: (why) => {
      // An editor that has said everything may still read the answers.
      if (why === 'unread') recording.clientGone('nobody reads the answers');
    },
  });
  recordEnd(recorder, runner, end);
  return end;
}
