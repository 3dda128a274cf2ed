/** The parts of docs/cli.md that are written by the command table and the JSON Schemas, and the schemas themselves. */
import { readdirSync, readFileSync } from 'node:fs';
import { helpFor } from '../../src/cli/help.js';
import { commands } from '../../src/cli/table.js';

export const page = 'docs/cli.md';
const folder = 'docs/schemas';

export interface Schema {
  readonly title: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, { readonly description?: string }>>;
}

/** All published schemas, by `run/1` and the like. */
export function schemas(): ReadonlyMap<string, Schema> {
  const found = new Map<string, Schema>();
  for (const file of readdirSync(folder).sort()) {
    const schema = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Schema;
    found.set(file.replace(/-(\d+)\.json$/, '/$1'), schema);
  }
  return found;
}

/** The page with its generated parts as they should be. */
export function regenerated(text: string): string {
  const parts = { commands: commandTable(), help: helpPages(), schemas: schemaTables() };
  let result = text;
  for (const [name, part] of Object.entries(parts)) {
    const [begin, end] = [`<!-- ${name}: generated -->`, `<!-- ${name}: end -->`];
    const [from, to] = [result.indexOf(begin), result.indexOf(end)];
    if (from === -1 || to === -1) throw new Error(`${page} has no place for ${name}`);
    result = `${result.slice(0, from + begin.length)}\n\n${part}\n\n${result.slice(to)}`;
  }
  return result;
}

function commandTable(): string {
  return table(
    ['command', 'answers'],
    commands.map(({ name, usage, summary }) => [`\`${`${name} ${usage}`.trim()}\``, summary]),
  );
}

function helpPages(): string {
  return commands
    .map(
      (command) => `### \`throughline ${command.name}\`\n\n\`\`\`text\n${helpFor(command)}\`\`\``,
    )
    .join('\n\n');
}

function schemaTables(): string {
  return [...schemas().values()]
    .map(({ title, description, properties }) => {
      const rows = Object.entries(properties)
        .filter(([name]) => name !== 'schema')
        .map(([name, { description: means = '' }]) => [`\`${name}\``, means]);
      return `### \`${title}\`\n\n${description}\n\n${table(['member', 'meaning'], rows)}`;
    })
    .join('\n\n');
}

/** As the formatter would have it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, index) => Math.max(...all.map((row) => (row[index] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(all[0] ?? []), rule, ...all.slice(1).map((row) => line(row))].join('\n');
}
