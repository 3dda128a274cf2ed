/**
 * `throughline record mcp`: the proxy for an MCP server that does the work itself, and a stream of what it was asked to
 * do. Unlike `proxy mcp` it is a host, and writes.
 */
import { basename } from 'node:path';
import { standBetween } from '../../../adapters/proxies/between.js';
import { lines } from '../../../adapters/proxies/lines.js';
import { openRecorder, type Recorder } from '../../hook/index.js';
import { McpRecording } from '../../hook/proxied/index.js';
import type { End } from '../../protocol/child/index.js';
import { McpCaller } from '../../protocol/mcp/caller.js';
import { exitAs } from '../child.js';
import type { Given } from '../command.js';
import { serverCommand, trustOf, type ServerCommand } from '../proxying.js';
import { howItEnded, recordEnd, sayWhatIsMissing } from '../recorded-server.js';
import { tell } from '../tell.js';

export async function execute(given: Given): Promise<number> {
  const command = serverCommand(given, 'record mcp [OPTION…] -- SERVER [ARGUMENT…]');
  const trust = trustOf(given);
  // The recorder says what it loses on Node's warning channel, in two lines; we say it in one of our own.
  process.removeAllListeners('warning');
  const recorder = await openRecorder({
    role: 'mcp',
    root: given.value('root'),
    workspace: process.cwd(),
    name: 'throughline record mcp',
  });
  const isRecorded = recorder.writerId !== '';
  if (!isRecorded) sayWhatIsMissing(recorder);
  const caller = new McpCaller({ trust, env: process.env });
  const recording = new McpRecording({ recorder, caller, warn: tell });
  const end = await serve(command, recorder, recording);
  await recording.close(howItEnded(end));
  await recorder.close().catch(() => undefined);
  if (isRecorded) sayWhatIsMissing(recorder);
  return exitAs(end);
}

async function serve(
  { file, args }: ServerCommand,
  recorder: Recorder,
  recording: McpRecording,
): Promise<End> {
  const runner = basename(file);
  const end = await standBetween({
    file,
    args,
    env: { ...process.env, ...recorder.childEnv() },
    framing: lines,
    tap: {
      client: (body) => recording.client(body),
      answer: (body) => recording.answer(body),
      server: (body) => recording.passed(body),
    },
    warn: tell,
    onStart: ({ pid }) => recorder.recordRunner('started', { runner, pid }),
    onClientGone: (why) => {
      // A client that has said everything may still read the answers.
      if (why === 'unread') recording.clientGone('nobody reads the answers');
    },
  });
  recordEnd(recorder, runner, end);
  return end;
}
