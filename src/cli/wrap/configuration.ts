/**
 * An MCP client's configuration: JSON with comments, and the servers in it with the place of each. Two shapes are known:
 * `mcpServers` (most clients) and `servers` (VS Code). What is not understood is refused, never guessed at.
 */
import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { UsageError } from '../command.js';

const bytesMax = 16 * 1024 * 1024;
const byteOrderMark = '\uFEFF';

/** One server's entry. Nodes hold places in the text. */
export interface ServerEntry {
  readonly name: string;
  readonly kind: 'stdio' | 'remote';
  readonly members: ReadonlyMap<string, Node>;
}

/** A member's value as text; undefined when it is absent or something else. */
export function textOf(entry: ServerEntry, name: string): string | undefined {
  const node = entry.members.get(name);
  return node?.type === 'string' ? (node.value as string) : undefined;
}

/** The arguments' nodes; none when there is no such member. */
export function argumentsOf(entry: ServerEntry): readonly Node[] {
  return entry.members.get('args')?.children ?? [];
}

/** The command and its arguments. */
export function wordsOf(entry: ServerEntry): readonly string[] {
  const words = argumentsOf(entry).map((node) => node.value as string);
  return [textOf(entry, 'command') ?? '', ...words];
}

/** Reads the entries. Throws `UsageError` with a place when there is anything in it that we do not understand. */
export function readServers(text: string, file: string): readonly ServerEntry[] {
  const refuse: Refuse = (message, offset) => {
    throw new UsageError(`${file}${offset === undefined ? '' : place(text, offset)}: ${message}`);
  };
  if (text.length > bytesMax) refuse('is too large for a configuration');
  const errors: ParseError[] = [];
  // A mark would be an error; replaced by a blank, so that the places stay right.
  const source = text.startsWith(byteOrderMark) ? ` ${text.slice(1)}` : text;
  const root = parseTree(source, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined) {
    refuse(`is not JSON with comments: ${printParseErrorCode(error.error)}`, error.offset);
  }
  if (root?.type !== 'object') return refuse('holds no object');
  const members = membersOf(root, refuse);
  const found = ['mcpServers', 'servers'].filter((name) => members.has(name));
  const [name = ''] = found;
  if (found.length !== 1) {
    refuse(
      found.length === 0
        ? 'holds no servers: neither "mcpServers" nor "servers" stands in it'
        : 'holds both "mcpServers" and "servers": which one its client reads is not known',
    );
  }
  const servers = members.get(name);
  if (servers?.type !== 'object') return refuse(`"${name}" is not an object`, servers?.offset);
  return [...membersOf(servers, refuse)].map(([key, node]) => readEntry(key, node, refuse));
}

type Refuse = (message: string, offset?: number) => never;

function readEntry(name: string, node: Node, refuse: Refuse): ServerEntry {
  const wrong = (problem: string): never => refuse(`server "${name}" ${problem}`, node.offset);
  if (node.type !== 'object') return wrong('is not an object');
  const members = membersOf(node, refuse);
  const [command, args, url] = ['command', 'args', 'url'].map((key) => members.get(key));
  if ((command === undefined) === (url === undefined)) {
    return wrong('has to have a "command" or a "url", and one of them');
  }
  if (command === undefined) {
    if (url?.type !== 'string') wrong('has a "url" that is not text');
    return { name, kind: 'remote', members };
  }
  if (command.type !== 'string' || command.value === '') wrong('has a "command" that is not text');
  const isList = args?.type === 'array' && args.children?.every(({ type }) => type === 'string');
  if (args !== undefined && isList !== true) wrong('has "args" that are not a list of texts');
  return { name, kind: 'stdio', members };
}

function membersOf(object: Node, refuse: Refuse): Map<string, Node> {
  const members = new Map<string, Node>();
  for (const property of object.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key === undefined || value === undefined) continue;
    const name = key.value as string;
    if (members.has(name)) refuse(`"${name}" stands twice in one object`, key.offset);
    members.set(name, value);
  }
  return members;
}

function place(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
