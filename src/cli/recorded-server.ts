/** What the recorders of servers share: the stream around the server's life, and what is said when it is not whole. */
import { basename } from 'node:path';
import { standBetween, type BetweenOptions } from '../../adapters/proxies/between.js';
import { openRecorder, type Recorder } from '../hook/index.js';
import type { End, Server } from '../protocol/child/index.js';
import { exitAs } from './child.js';
import type { ServerCommand } from './proxying.js';
import { tell } from './tell.js';

/** What a recorder makes of a server's messages, and how it hears of their end. */
export interface ServerRecording extends Pick<BetweenOptions, 'framing' | 'tap' | 'wasTold'> {
  readonly recording: {
    clientGone(reason: string): void;
    close(why: Record<string, string | number>): Promise<void>;
  };
}

/** What a recorder gives to whoever starts the server. */
export interface Around {
  readonly recorder: Recorder;
  /** The server's environment. */
  readonly env: NodeJS.ProcessEnv;
  /** The server is there. */
  readonly onStart: (server: Pick<Server, 'pid'>) => void;
}

/** How the server ended, and what ends the records of what it left. */
export interface Stood {
  readonly end: End;
  readonly close: () => Promise<void>;
}

/** Runs the server between its client and us, in a stream of this role; resolves with the exit code. */
export function recordServer(
  role: 'lsp' | 'mcp',
  { file, args }: ServerCommand,
  root: string | undefined,
  record: (recorder: Recorder) => ServerRecording,
): Promise<number> {
  return recordAround({ role, root, runner: basename(file) }, async (around) => {
    const { recording, ...between } = record(around.recorder);
    const end = await standBetween({
      ...between,
      file,
      args,
      env: around.env,
      warn: tell,
      onStart: around.onStart,
      onClientGone: (why) => {
        // A client that has said everything may still read the answers.
        if (why === 'unread') recording.clientGone('nobody reads the answers');
      },
    });
    return { end, close: () => recording.close(howItEnded(end)) };
  });
}

/** Opens a stream of this role around whatever starts a server, and closes it; resolves with the exit code. */
export async function recordAround(
  named: {
    readonly role: 'finecode' | 'lsp' | 'mcp';
    readonly root: string | undefined;
    /** What the server is called in the stream. */
    readonly runner: string;
  },
  stand: (around: Around) => Promise<Stood>,
): Promise<number> {
  const { role, root, runner } = named;
  // The recorder says what it loses on Node's warning channel, in two lines; we say it in one of our own.
  process.removeAllListeners('warning');
  const workspace = process.cwd();
  const name = `throughline record ${role}`;
  const recorder = await openRecorder({ role, root, workspace, name });
  const isRecorded = recorder.writerId !== '';
  if (!isRecorded) sayWhatIsMissing(recorder);
  const env = { ...process.env, ...recorder.childEnv() };
  const onStart: Around['onStart'] = ({ pid }) => recorder.recordRunner('started', { runner, pid });
  let stood: Stood;
  try {
    stood = await stand({ recorder, env, onStart });
    recordEnd(recorder, runner, stood.end);
    await stood.close();
  } finally {
    await recorder.close().catch(() => undefined);
    if (isRecorded) sayWhatIsMissing(recorder);
  }
  // Last: it may be a signal that ends us.
  return exitAs(stood.end);
}

/** For the runs that a server left without an answer. */
export function howItEnded(end: End): Record<string, string | number> {
  if ('error' in end) return {};
  return 'code' in end ? { exit_code: end.code } : { signal: end.signal };
}

function recordEnd(recorder: Recorder, runner: string, end: End): void {
  if ('error' in end) recorder.recordRunner('failed', { runner, error: end.error });
  else if ('code' in end) recorder.recordRunner('stopped', { runner, exitCode: end.code });
  else recorder.recordRunner('stopped', { runner, signal: end.signal });
}

/** One line on stderr when nothing is recorded, or less than there was. */
function sayWhatIsMissing(recorder: Recorder): void {
  const { recordsLost, stream } = recorder.metrics();
  const why = stream.lastError ?? 'no error was reported';
  if (recorder.writerId === '') tell(`nothing is recorded: ${why}`);
  else if (recordsLost > 0) tell(`the record is incomplete: ${why}`);
}
