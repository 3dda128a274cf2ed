/**
 * The edits, as replaced stretches of text: everything else stays, comments and formatting with it. Each `wrap…` has the
 * `unwrap…` that takes back just that; what stood in a file as text is moved as text, never parsed and printed again.
 */
import type { Edit, Node } from 'jsonc-parser';
import { argumentsOf, type ServerEntry } from './configuration.js';
import type { Wrapped } from './wrapped.js';

/** What is put in front of a server's command: absolute paths, since a desktop program has no PATH. */
export interface Launcher {
  readonly node: string;
  readonly bin: string;
}

/** The text with the edits in it, which must not overlap. In one pass: `applyEdits` of the library copies it for each. */
export function edited(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let at = 0;
  const inOrder = edits.toSorted((a, b) => a.offset - b.offset || a.length - b.length);
  for (const { offset, length, content } of inOrder) {
    pieces.push(text.slice(at, offset), content);
    at = offset + length;
  }
  return [...pieces, text.slice(at)].join('');
}

/** The entry's server behind the proxy or the recorder. */
export function wrapCommand(
  text: string,
  entry: ServerEntry,
  launcher: Launcher,
  mode: 'proxy' | 'record',
): readonly Edit[] {
  const command = member(entry, 'command');
  const words = [...[launcher.bin, mode, 'mcp', '--'].map(quote), raw(text, command)].join(', ');
  const args = entry.members.get('args');
  const [first] = argumentsOf(entry);
  const edits = [replace(command, quote(launcher.node))];
  if (args === undefined) {
    edits.push(insert(end(command), `,${gapBefore(text, property(command))}"args": [${words}]`));
  } else if (first === undefined) {
    edits.push(insert(args.offset + 1, words));
  } else {
    edits.push(insert(first.offset, `${words},${gapBefore(text, first)}`));
  }
  return edits;
}

/** The entry's server by itself again. */
export function unwrapCommand(text: string, entry: ServerEntry, wrapped: Wrapped): readonly Edit[] {
  const command = member(entry, 'command');
  const args = argumentsOf(entry);
  // Words count the command as the first, so the server's own is one earlier among the arguments.
  const original = args[wrapped.original - 1];
  const [first] = args;
  if (original === undefined || first === undefined) return [];
  const edits = [replace(command, raw(text, original))];
  const next = args[wrapped.original];
  if (next !== undefined) edits.push(remove(first.offset, next.offset));
  else if (followsDirectly(text, command, member(entry, 'args'))) {
    edits.push(remove(end(command), end(member(entry, 'args'))));
  } else edits.push(remove(first.offset, end(original)));
  return edits;
}

/** A remote entry as the proxy that reaches it. */
export function wrapUrl(text: string, entry: ServerEntry, launcher: Launcher): readonly Edit[] {
  const url = member(entry, 'url');
  const key = property(url);
  const words = [...[launcher.bin, 'proxy', 'mcp', '--http'].map(quote), raw(text, url)];
  const made = `"command": ${quote(launcher.node)},${gapBefore(text, key)}"args": [${words.join(', ')}]`;
  return [cut(key.offset, end(url), made), ...typeAs(entry, 'stdio')];
}

/** The remote entry again. */
export function unwrapUrl(text: string, entry: ServerEntry, wrapped: Wrapped): readonly Edit[] {
  const command = member(entry, 'command');
  const args = member(entry, 'args');
  const url = argumentsOf(entry)[wrapped.original - 1];
  if (url === undefined) return [];
  const made = `"url": ${raw(text, url)}`;
  const edits = followsDirectly(text, command, args)
    ? [cut(property(command).offset, end(args), made)]
    : [cut(property(args).offset, end(args), made), withoutMember(text, command)];
  return [...edits, ...typeAs(entry, 'http')];
}

/** A wrapped entry with our own words as they would be written now. */
export function refresh(
  entry: ServerEntry,
  wrapped: Wrapped,
  launcher: Launcher,
  mode: Wrapped['mode'],
): readonly Edit[] {
  const nodes = [member(entry, 'command'), ...argumentsOf(entry)];
  const wanted: [number, string][] = [[wrapped.bin + 1, mode === 'record' ? 'record' : 'proxy']];
  // Written by hand as `throughline proxy mcp`: whoever did that has it on the PATH.
  if (wrapped.bin === 1) wanted.push([0, launcher.node], [1, launcher.bin]);
  return wanted.flatMap(([index, word]) => {
    const node = nodes[index];
    return node === undefined || node.value === word ? [] : [replace(node, quote(word))];
  });
}

function typeAs(entry: ServerEntry, type: string): readonly Edit[] {
  const node = entry.members.get('type');
  return node === undefined || node.value === type ? [] : [replace(node, quote(type))];
}

/** What stands between a line's start and the node, with the line break; a blank when the node is not the line's first. */
function gapBefore(text: string, node: Node): string {
  let start = node.offset;
  while (text[start - 1] === ' ' || text[start - 1] === '\t') start -= 1;
  if (text[start - 1] !== '\n') return ' ';
  return text.slice(text[start - 2] === '\r' ? start - 2 : start - 1, node.offset);
}

function followsDirectly(text: string, first: Node, second: Node): boolean {
  return /^\s*,\s*$/.test(text.slice(end(first), property(second).offset));
}

/** Takes the member and one comma away. */
function withoutMember(text: string, node: Node): Edit {
  const after = /^\s*,\s*/.exec(text.slice(end(node)))?.[0].length ?? 0;
  return remove(property(node).offset, end(node) + after);
}

function member(entry: ServerEntry, name: string): Node {
  const node = entry.members.get(name);
  if (node === undefined) throw new TypeError(`server "${entry.name}" has no "${name}"`);
  return node;
}

/** The member whose value the node is, its key included. */
function property(node: Node): Node {
  return node.parent?.type === 'property' ? node.parent : node;
}

function end(node: Node): number {
  return node.offset + node.length;
}

function raw(text: string, node: Node): string {
  return text.slice(node.offset, end(node));
}

function quote(word: string): string {
  return JSON.stringify(word);
}

function cut(from: number, to: number, content: string): Edit {
  return { offset: from, length: to - from, content };
}

function replace(node: Node, content: string): Edit {
  return cut(node.offset, end(node), content);
}

function insert(offset: number, content: string): Edit {
  return cut(offset, offset, content);
}

function remove(from: number, to: number): Edit {
  return cut(from, to, '');
}
