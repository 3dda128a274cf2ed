/** What the commands between a client and its server share: their arguments, and what goes wrong in them. */
import { UsageError, type Given } from './command.js';
import type { Trust } from '../context/index.js';

export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** The server's command line, behind `--`. */
export function serverCommand(given: Given, usage: string): ServerCommand {
  const [file, ...args] = given.command;
  if (file === undefined || file === '') {
    throw new UsageError(`no server is given: throughline ${usage}`);
  }
  return { file, args };
}

export function trustOf(given: Given): Trust {
  const value = given.value('trust') ?? 'join';
  if (value === 'join' || value === 'link' || value === 'ignore') return value;
  throw new UsageError(`--trust is join, link or ignore, not "${value}"`);
}
