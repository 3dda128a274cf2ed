#!/usr/bin/env node
/**
 * The command line's composition root: finds the command, loads it, and turns what goes wrong into one sentence and
 * an exit code. Imports no command statically: `run` must not pay for the reader, nor be able to reach it.
 */
import { readFileSync, writeSync } from 'node:fs';
import { exitCode, readArguments, UsageError, type Command } from './command.js';
import { helpFor, helpForAll } from './help.js';
import { clean } from './text.js';
import { commands } from './table.js';

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined) {
    complain(`a command is missing\n\n${helpForAll(commands)}`.trimEnd());
    return exitCode.usage;
  }
  if (name.startsWith('-') || name === 'help') watchStdout();
  if (name === '--help' || name === '-h' || name === 'help') return help(rest[0]);
  if (name === '--version' || name === '-V') {
    process.stdout.write(`throughline ${version()}\n`);
    return exitCode.ok;
  }
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    complain(`no command is called "${name}" (see throughline --help)`);
    return exitCode.usage;
  }
  return call(command, rest);
}

async function call(command: Command, argv: readonly string[]): Promise<number> {
  try {
    const given = readArguments(command, argv);
    if (given.flag('help')) {
      watchStdout();
      process.stdout.write(helpFor(command));
      return exitCode.ok;
    }
    // `run` shares stdout with its child and never looks at it: looking opens it, and makes a pipe non-blocking.
    if (command.takesCommand !== true) watchStdout();
    const { execute } = await command.load();
    return await execute(given);
  } catch (error) {
    return explain(error, command);
  }
}

function explain(error: unknown, command: Command): number {
  const usage = command.name === 'run' ? exitCode.runUsage : exitCode.usage;
  if (error instanceof UsageError) {
    complain(error.message);
    return usage;
  }
  const { code, message } = error as { code?: unknown; message?: unknown };
  complain(typeof message === 'string' ? message : String(error));
  if (code === 'RUN_NOT_FOUND' || code === 'RUN_AMBIGUOUS') return exitCode.usage;
  // Whatever else happens while reading, the answer could not be read.
  return command.name === 'run' ? usage : exitCode.unreadable;
}

function help(name: string | undefined): number {
  const command = commands.find((one) => one.name === name);
  if (name !== undefined && command === undefined) {
    complain(`no command is called "${name}" (see throughline --help)`);
    return exitCode.usage;
  }
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
}

function version(): string {
  // Of the package this file is in, at dist/src/cli/main.js.
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

process.exitCode = await main(process.argv.slice(2));
