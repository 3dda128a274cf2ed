/** What is done with each server, decided in one place; and the text that comes of it. */
import type { Edit } from 'jsonc-parser';
import { UsageError } from '../command.js';
import { textOf, type ServerEntry } from './configuration.js';
import {
  edited,
  refresh,
  unwrapCommand,
  unwrapUrl,
  wrapCommand,
  wrapUrl,
  type Launcher,
} from './edit.js';
import { wrappedOf, type Mode } from './wrapped.js';

export interface Wish {
  readonly undo: boolean;
  /** The servers to put behind the recorder. */
  readonly record: readonly string[];
  /** Whether remote servers are moved behind the proxy. */
  readonly http: boolean;
  readonly launcher: Launcher;
}

export interface Decision {
  readonly server: string;
  /** What it is afterwards, in a few words. */
  readonly what: string;
  readonly edits: readonly Edit[];
}

const modeWords: Readonly<Record<Mode, string>> = {
  proxy: 'through the proxy',
  record: 'through the recorder',
  http: 'remote, through the proxy',
};

/** One decision for each server, in their order. Throws `UsageError` for a name that is no server's. */
export function plan(
  text: string,
  entries: readonly ServerEntry[],
  wish: Wish,
): readonly Decision[] {
  for (const name of wish.record) {
    const entry = entries.find((one) => one.name === name);
    if (entry === undefined) throw new UsageError(`--record ${name}: no server is called so`);
    if (entry.kind === 'remote' || wrappedOf(entry)?.mode === 'http') {
      throw new UsageError(
        `--record ${name}: it is remote, and only a local server can be recorded`,
      );
    }
  }
  return entries.map((entry) => (wish.undo ? undo(text, entry) : wrap(text, entry, wish)));
}

/** The text after all edits. */
export function apply(text: string, decisions: readonly Decision[]): string {
  return edited(
    text,
    decisions.flatMap(({ edits }) => edits),
  );
}

function wrap(text: string, entry: ServerEntry, wish: Wish): Decision {
  const server = entry.name;
  const wrapped = wrappedOf(entry);
  if (wrapped !== undefined) {
    const mode = wish.record.includes(server) ? 'record' : wrapped.mode;
    const edits = refresh(entry, wrapped, wish.launcher, mode);
    return { server, what: `${modeWords[mode]}${edits.length === 0 ? ' already' : ''}`, edits };
  }
  if (entry.kind === 'remote') return wrapRemote(text, entry, wish);
  const type = textOf(entry, 'type') ?? 'stdio';
  if (type !== 'stdio') return leave(server, `its type is "${type}", though it has a command`);
  const mode = wish.record.includes(server) ? 'record' : 'proxy';
  return { server, what: modeWords[mode], edits: wrapCommand(text, entry, wish.launcher, mode) };
}

function wrapRemote(text: string, entry: ServerEntry, wish: Wish): Decision {
  const server = entry.name;
  const type = textOf(entry, 'type') ?? 'http';
  if (type !== 'http') return leave(server, `remote, of type "${type}"`);
  if (!wish.http) return leave(server, 'remote; --http moves it behind the proxy');
  // A secret must not become an argument that every user of the machine can list.
  if (entry.members.has('headers')) return leave(server, 'remote, and it sends headers of its own');
  return { server, what: modeWords.http, edits: wrapUrl(text, entry, wish.launcher) };
}

function undo(text: string, entry: ServerEntry): Decision {
  const server = entry.name;
  const wrapped = wrappedOf(entry);
  if (wrapped === undefined) return leave(server, 'not wrapped');
  const unwrap = wrapped.mode === 'http' ? unwrapUrl : unwrapCommand;
  return { server, what: 'by itself again', edits: unwrap(text, entry, wrapped) };
}

function leave(server: string, reason: string): Decision {
  return { server, what: `left alone: ${reason}`, edits: [] };
}
