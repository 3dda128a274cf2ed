/** Help, from the command table: one line each for all commands, a page for one. */
import type { Command, Group, Option } from './command.js';

const columnsMax = 80;
const groups: readonly (readonly [Group | undefined, title: string])[] = [
  ['requests', 'What was asked, what it caused, how it ended'],
  ['streams', 'The streams, and how far they can be trusted'],
  ['ids', 'Ids'],
  [undefined, 'Programs'],
];

/** `throughline --help`. */
export function helpForAll(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const sections = groups.flatMap(([group, title]) => {
    const members = commands.filter((command) => command.group === group);
    return members.length === 0
      ? []
      : [`${title}:`, ...members.map((one) => entry(one.name, one.summary, width)), ''];
  });
  return [
    'Which request did this, did it finish, and what was in flight when it died?',
    '',
    'usage: throughline COMMAND [OPTION…]',
    '',
    ...sections,
    'throughline COMMAND --help says more.',
    'For an agent: throughline show @0 is an outline, throughline mcp a server.',
    'Exit codes: 0 ok, 1 finding, 2 usage, 3 unreadable.',
    '',
  ].join('\n');
}

/** `throughline COMMAND --help`: a page like a manual's. */
export function helpFor(command: Command): string {
  const paragraphs = [`${command.summary}.`, ...(command.details ?? [])];
  return [
    `usage: throughline ${command.name} ${command.usage}`.trimEnd(),
    '',
    ...paragraphs.flatMap((paragraph) => [...wrap(paragraph, columnsMax), '']),
    ...section('Options', optionRows(command)),
    ...section('Exit codes', exitRows(command)),
    ...section('Examples', exampleRows(command)),
    ...schemaLines(command),
  ].join('\n');
}

/** `-n, --limit N`. */
export function spelling(option: Option): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  return `${short}--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`;
}

/** What the exit codes of the command mean. */
export function exitRows(command: Command): readonly (readonly [string, string])[] {
  if (command.takesCommand === true) return [];
  const rows: (readonly [string, string])[] = [['0', 'ok']];
  if (command.finding !== undefined) rows.push(['1', command.finding]);
  rows.push(['2', 'wrong usage']);
  if (command.isServer !== true && command.options.some((option) => option.name === 'root')) {
    rows.push(['3', 'unreadable: a root that is missing or holds no streams, or no whole record']);
  }
  return rows;
}

type Row = readonly [head: string, text: string];

function optionRows(command: Command): readonly Row[] {
  const help: Option = { name: 'help', short: 'h', help: 'this text' };
  return [...command.options, help].map((option): Row => {
    const again = option.isRepeatable === true && !/several times/.test(option.help);
    return [spelling(option), again ? `${option.help}; may be given several times` : option.help];
  });
}

function exampleRows(command: Command): readonly string[] {
  return (command.examples ?? []).flatMap(([line, does]) => [`  ${line}`, `      ${does}`]);
}

function schemaLines(command: Command): readonly string[] {
  const { schemas = [] } = command;
  if (schemas.length === 0) return [];
  const names = schemas.map((name) => `throughline.${name}`).join(', ');
  return [...wrap(`JSON: ${names}. See docs/cli.md and docs/schemas.`, columnsMax), ''];
}

function section(title: string, rows: readonly (Row | string)[]): readonly string[] {
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map((row) => (typeof row === 'string' ? 0 : row[0].length)));
  const lines = rows.flatMap((row) =>
    typeof row === 'string' ? [row] : [entry(row[0], row[1], width)],
  );
  return [`${title}:`, ...lines, ''];
}

function entry(head: string, text: string, width: number): string {
  const indent = ' '.repeat(width + 4);
  const lines = wrap(text, Math.max(columnsMax - indent.length, 30));
  return `  ${head.padEnd(width)}  ${lines.join(`\n${indent}`)}`;
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
