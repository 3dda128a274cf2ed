/**
 * `throughline run`: gives a command an id and gets out of its way. Writes nothing, reads nothing, and can reach
 * neither the reader nor the WAL. Standard streams are inherited and never looked at.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import {
  Context,
  extractEnv,
  injectEnv,
  parseTraceparent,
  type Origin,
  type Trust,
} from '../../context/index.js';
import { UsageError, type Given } from '../command.js';
import { clean } from '../text.js';

const notFound = 127;
const notExecutable = 126;
const originKeys: ReadonlySet<string> = new Set(['front', 'method', 'name', 'client']);

export async function execute(given: Given): Promise<number> {
  const [file, ...args] = given.command;
  if (file === undefined || file === '') {
    throw new UsageError('no command is given: throughline run [OPTION…] -- COMMAND [ARGUMENT…]');
  }
  const context = Context.begin({
    remote: extractEnv(process.env),
    trust: trustOf(given.value('trust')),
    origin: originOf(given, file),
  });
  const env = { ...process.env, ...injectEnv(context) };
  if (given.flag('print-id')) printId(context);
  return exitAs(await spawned(file, args, env));
}

type End =
  | { readonly code: number }
  | { readonly signal: NodeJS.Signals }
  | { readonly error: NodeJS.ErrnoException; readonly file: string };

function spawned(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<End> {
  return new Promise((settle) => {
    try {
      const child = spawn(file, args, { stdio: 'inherit', env });
      const stop = forwardSignals(child);
      const end = (how: End): void => {
        stop();
        settle(how);
      };
      child.once('error', (error) => end({ error, file }));
      child.once('exit', (code, signal) => {
        end(signal === null ? { code: code ?? 0 } : { signal });
      });
    } catch (error) {
      // Node's permission model refuses synchronously.
      settle({ error: error as NodeJS.ErrnoException, file });
    }
  });
}

/**
 * A terminal sends its signals to the whole foreground group, so the child has them already and we only have to
 * outlive it. What is sent to us alone (SIGTERM, SIGHUP; without a terminal also SIGINT and SIGQUIT) is passed on.
 */
function forwardSignals(child: ChildProcess): () => void {
  const hasTerminal = isatty(0) || isatty(1) || isatty(2);
  const pass = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  const fromTerminal = hasTerminal ? outlive : pass;
  const handlers: readonly (readonly [NodeJS.Signals, (signal: NodeJS.Signals) => void])[] = [
    ['SIGTERM', pass],
    ['SIGHUP', pass],
    ['SIGINT', fromTerminal],
    ['SIGQUIT', fromTerminal],
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

/** A handler that does nothing keeps the signal from ending us. */
function outlive(): void {}

function exitAs(end: End): number {
  if ('code' in end) return end.code;
  if ('error' in end) return explainSpawn(end.error, end.file);
  // Our parent must see what the child died of, as it would without us.
  process.kill(process.pid, end.signal);
  // Node ignores some signals for good (SIGPIPE); a shell reports those so.
  return 128 + (constants.signals[end.signal] ?? 0);
}

function explainSpawn(error: NodeJS.ErrnoException, file: string): number {
  switch (error.code) {
    case 'ENOENT':
      tell(`${file}: command not found`);
      return notFound;
    case 'EACCES':
      tell(`${file}: permission denied, or not a program`);
      return notExecutable;
    default:
      tell(`${file}: cannot be started: ${error.message}`);
      return notExecutable;
  }
}

function printId(context: Context): void {
  const given = process.env['TRACEPARENT'];
  const note =
    given === undefined || given === '' || parseTraceparent(given) !== undefined
      ? ''
      : ' (TRACEPARENT was not valid: new root)';
  tell(`${context.correlationId} ${context.traceparent}${note}`);
}

function trustOf(value: string | undefined): Trust {
  if (value === undefined) return 'join';
  if (value === 'join' || value === 'link' || value === 'ignore') return value;
  throw new UsageError(`--trust is join, link or ignore, not "${value}"`);
}

function originOf(given: Given, file: string): Origin {
  const origin: Record<string, string> = {
    front: 'cli',
    name: given.value('name') ?? basename(file),
  };
  for (const pair of given.values('origin')) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, Math.max(equals, 0));
    if (!originKeys.has(key)) {
      throw new UsageError(
        `--origin is KEY=VALUE with the key front, method, name or client, not "${pair}"`,
      );
    }
    origin[key] = pair.slice(equals + 1);
  }
  return origin;
}

/** Straight to the descriptor: a stream object of ours would make a pipe that the child shares non-blocking. */
function tell(message: string): void {
  try {
    writeSync(2, `throughline: ${clean(message)}\n`);
  } catch {
    // Nobody listens.
  }
}
