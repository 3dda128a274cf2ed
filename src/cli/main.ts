#!/usr/bin/env node
/**
 * The command line's composition root: finds the command, loads it, and turns what goes wrong into one sentence and
 * an exit code. Imports no command statically: `run` must not pay for the reader, nor be able to reach it.
 */
import { fstatSync, readFileSync, writeSync } from 'node:fs';
import { readArguments } from './arguments.js';
import { exitCode, type Command } from './command.js';
import { didYouMean } from './did-you-mean.js';
import { helpFor, helpForAll } from './help.js';
import { clean } from './text.js';
import { commands } from './table.js';

/** Codes of what was asked for wrongly, as opposed to what could not be read. */
const mistakes: ReadonlySet<string> = new Set([
  'ARGUMENT_INVALID',
  'PACKAGE_MISSING',
  'RUN_AMBIGUOUS',
  'RUN_NOT_FOUND',
]);

async function main(argv: readonly string[]): Promise<number> {
  const [name] = argv;
  if (name === undefined) {
    complain(`a command is missing\n\n${helpForAll(commands)}`.trimEnd());
    return exitCode.usage;
  }
  if (name.startsWith('-') || name === 'help') watchStdout();
  if (name === '--help' || name === '-h' || name === 'help') return help(argv.slice(1));
  if (name === '--version' || name === '-V') {
    process.stdout.write(`throughline ${version()}\n`);
    return exitCode.ok;
  }
  const command = find(argv);
  if (command === undefined) return unknown(name);
  return call(command, argv.slice(wordsOf(command).length));
}

/** Some commands have two words. */
function find(argv: readonly string[]): Command | undefined {
  return commands.find((one) => wordsOf(one).every((word, index) => argv[index] === word));
}

function wordsOf(command: Command): readonly string[] {
  return command.name.split(' ');
}

function unknown(name: string): number {
  const longer = commands.filter((one) => wordsOf(one)[0] === name).map((one) => `"${one.name}"`);
  const last = longer.pop();
  const names = [...commands.map((one) => one.name), '--version', '--help', '-V', '-h'];
  const hint =
    last === undefined
      ? didYouMean(name, names)
      : `, but ${[longer.join(', '), last].filter(Boolean).join(' and ')}`;
  complain(
    name.startsWith('-') && hint === ''
      ? 'the command comes first, and its options behind it (see throughline --help)'
      : `no command is called "${name}"${hint} (see throughline --help)`,
  );
  return exitCode.usage;
}

async function call(command: Command, argv: readonly string[]): Promise<number> {
  try {
    const given = readArguments(command, argv);
    if (given.flag('help')) {
      watchStdout();
      process.stdout.write(helpFor(command));
      return exitCode.ok;
    }
    // `run` and `record exec` share stdout with their child and never look at it: looking opens it, and makes a pipe non-blocking.
    if (command.takesCommand !== true) watchStdout();
    const { execute } = await command.load();
    return await execute(given);
  } catch (error) {
    return explain(error, command);
  }
}

function explain(error: unknown, command: Command): number {
  // Its other codes are the child's.
  const usage = command.takesCommand === true ? exitCode.runUsage : exitCode.usage;
  const { code, message, name } = error as { code?: unknown; message?: unknown; name?: unknown };
  // By its name: in the bundle this file and a command have each their own copy of the class.
  if (name === 'UsageError') {
    complain(String(message));
    return usage;
  }
  const isHomeless = (error as { syscall?: unknown }).syscall === 'uv_cwd';
  const gone = 'the working directory is gone: cd to one that exists';
  complain(isHomeless ? gone : typeof message === 'string' ? message : String(error));
  if (typeof code === 'string' && mistakes.has(code)) return usage;
  // Whatever else happens while reading, the answer could not be read.
  return command.takesCommand === true ? usage : exitCode.unreadable;
}

function help(words: readonly string[]): number {
  const [name] = words;
  const command = find(words);
  if (name !== undefined && command === undefined) return unknown(name);
  process.stdout.write(command === undefined ? helpForAll(commands) : helpFor(command));
  return exitCode.ok;
}

function complain(message: string): void {
  const lines = message.split('\n').map((line) => clean(line));
  try {
    writeSync(2, `throughline: ${lines.join('\n')}\n`);
  } catch {
    // Nobody listens; the exit code says it.
  }
}

/** A reader of ours that has seen enough (`| head`) is no error. */
function watchStdout(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') complain(error.message);
    process.exit(error.code === 'EPIPE' ? exitCode.ok : exitCode.unreadable);
  });
  // `2>&1 | head` closes both; what cannot be said there is no reason to die of.
  process.stderr.on('error', () => undefined);
  if (fstatSync(1).isFile()) process.stdout._write = writeWhole;
}

/** Node takes a write into a file that was cut short for a whole one: on a full disk the rest was missing without a word. */
function writeWhole(chunk: Uint8Array, _: unknown, done: (error?: Error) => void): void {
  try {
    for (let from = 0; from < chunk.length;) from += writeSync(1, chunk, from);
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
}

function version(): string {
  // Of the package this file is in, at dist/src/cli/main.js.
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

async function start(): Promise<void> {
  process.exitCode = await main(process.argv.slice(2));
}

// Not awaited: the bundle (scripts/bundle.mjs) cannot wait here. It never rejects.
void start();
