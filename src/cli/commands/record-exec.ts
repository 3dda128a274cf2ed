/**
 * `throughline record exec`: runs a command that knows nothing of us, and records that it was started, how it ended,
 * and what is asked for besides. Unlike `run` it writes a stream; of the command it changes nothing but its
 * environment, and its stderr's kind if the tail is kept.
 */
import {
  recordCommand,
  tailBytesMax,
  type CommandEnd,
  type Watched,
} from '../../hook/exec/index.js';
import {
  childEnd,
  holdSignals,
  startFailure,
  type End,
  type HeldSignals,
} from '../../protocol/child/index.js';
import { exitAs } from '../child.js';
import { exitCode, UsageError, type Given } from '../command.js';
import { passThrough, type PassThrough } from '../pass-through.js';
import { tell } from '../tell.js';

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly keepsTail: boolean;
}

export async function execute(given: Given): Promise<number> {
  const [file, ...args] = given.command;
  if (file === undefined || file === '') {
    throw new UsageError(
      'no command is given: throughline record exec [OPTION…] -- COMMAND [ARGUMENT…]',
    );
  }
  const tailBytes = tailBytesOf(given.value('tail-bytes'));
  const onFailure = onFailureOf(given.value('on-failure'));
  // The recorder says what it loses on Node's warning channel, in two lines; we say it in one of our own.
  process.removeAllListeners('warning');
  let onSignal: ((signal: string) => void) | undefined;
  // Held until the last record is written: a Ctrl-C that has ended the command must not cut its record short.
  const signals = holdSignals({ onSignal: (signal) => onSignal?.(signal) });
  let end: End = { code: 0 };
  try {
    await recordCommand({
      file,
      args,
      env: process.env,
      cwd: process.cwd(),
      root: given.value('root'),
      action: given.value('action'),
      keepsArguments: given.flag('record-args'),
      watchPatterns: given.values('watch-paths'),
      tailBytes,
      onFailure,
      warn: tell,
      start: async (watched) => {
        onSignal = watched.onSignal;
        end = await runCommand({ file, args, keepsTail: tailBytes > 0 }, watched, signals);
        return commandEnd(end);
      },
    });
  } catch (error) {
    return refuse(error);
  } finally {
    signals.release();
  }
  return exitAs(end);
}

/** `--on-failure reject`, and nothing could be written. */
function refuse(error: unknown): number {
  const first = error instanceof Error ? error : new Error(String(error));
  let last = first;
  while (last.cause instanceof Error) last = last.cause;
  const why = last === first ? '' : `: ${last.message}`;
  tell(`the command was not started: ${first.message}${why}`);
  return exitCode.runUsage;
}

async function runCommand(
  { file, args, keepsTail }: Command,
  watched: Watched,
  signals: HeldSignals,
): Promise<End> {
  // Signals are heard between turns of the loop, and there was none while the record was written.
  await new Promise((turn) => {
    setImmediate(turn);
  });
  const early = signals.early();
  if (early !== undefined) {
    watched.onSignal(early);
    return { signal: early };
  }
  let stderr: PassThrough | undefined;
  const end = await childEnd({
    file,
    args,
    env: { ...process.env, ...watched.env },
    signals,
    stdio: ['inherit', 'inherit', keepsTail ? 'pipe' : 'inherit'],
    onStart: (child) => {
      if (child.stderr !== null) stderr = passThrough(child.stderr, watched.onStderr);
      watched.onStart(child.pid ?? 0);
    },
  });
  await stderr?.drained();
  return end;
}

function commandEnd(end: End): CommandEnd {
  return 'error' in end ? { error: end.error, code: startFailure(end.error) } : end;
}

function tailBytesOf(value: string | undefined): number {
  if (value === undefined) return 0;
  const bytes = /^\d{1,7}$/.test(value) ? Number(value) : Number.NaN;
  if (bytes >= 1 && bytes <= tailBytesMax) return bytes;
  throw new UsageError(`--tail-bytes is a number from 1 to ${tailBytesMax}, not "${value}"`);
}

function onFailureOf(value: string | undefined): 'degrade' | 'reject' {
  if (value === undefined) return 'degrade';
  if (value === 'degrade' || value === 'reject') return value;
  throw new UsageError(`--on-failure is degrade or reject, not "${value}"`);
}
