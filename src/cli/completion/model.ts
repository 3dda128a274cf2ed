/** The command table as completion sees it: words, options, and what may stand where. Reads nothing and no stream. */
import type { Command, Option } from '../command.js';

/** What an argument or the value of an option completes to. */
export type Offer = 'nothing' | 'directory' | 'file' | readonly string[];

/** The newest requests, by the names that need no reading. */
const runs: readonly string[] = ['@0', '@-1', '@-2', '@-3', '@-4'];

export function offerOf(option: Option): Offer {
  if (option.values !== undefined) return option.values;
  if (option.value === 'DIR') return 'directory';
  return option.value === 'FILE' || option.value === 'PATH' ? 'file' : 'nothing';
}

export function argumentOffer({ arguments: { offer } }: Command): Offer {
  return offer === 'run' ? runs : (offer ?? 'nothing');
}

/** The first word of each command, and the second words of those that have two. */
export function words(commands: readonly Command[]): ReadonlyMap<string, readonly Command[]> {
  const byFirst = new Map<string, Command[]>();
  for (const command of commands) {
    const [first = ''] = command.name.split(' ');
    byFirst.set(first, [...(byFirst.get(first) ?? []), command]);
  }
  return byFirst;
}

/** The second word, or nothing. */
export function secondWord({ name }: Command): string | undefined {
  return name.split(' ')[1];
}

export const help: Option = { name: 'help', short: 'h', help: 'this text' };

/** For all three shells: a text between single quotes. In fish, too, a quote can only be had by leaving them. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
