/** An answer as a table, as CSV or as JSON lines. */
import { jsonLine } from '../json.js';
import { cleanLines, columns, line, print, type Cell } from '../text.js';
import type { Plain } from './values.js';

export interface Answer {
  readonly names: readonly string[];
  readonly rows: readonly (readonly Plain[])[];
}

export type Form = 'table' | 'csv' | 'json';

/** Prints some of the rows; `isFirst`: with what stands above them. */
export function printRows({ names, rows }: Answer, form: Form, isFirst: boolean): void {
  if (form === 'table') {
    if (names[0] === 'explain_key') {
      // A plan is a drawing.
      print(
        rows.flatMap(([, plan = '']) =>
          textOf(plan)
            .trimEnd()
            .split('\n')
            .map((one) => line(one)),
        ),
      );
      return;
    }
    const all = names.map((_, index) => index);
    const cells = rows.map((row) => row.map((value) => cellOf(value)));
    if (names.length > 0) print(columns([names, ...cells], all));
    return;
  }
  const lines =
    form === 'csv'
      ? rows.map((row) => row.map((value) => fieldOf(value)).join(','))
      : rows.map((row) => jsonLine('row/1', { row: objectOf(names, row) }));
  const head = form === 'csv' && isFirst ? [names.map((name) => fieldOf(name)).join(',')] : [];
  const all = [...head, ...lines];
  // A program gets what is there; a terminal would act upon some of it.
  if (all.length > 0) print(process.stdout.isTTY ? all.map((one) => cleanLines(one)) : all);
}

function cellOf(value: Plain): Cell {
  return value === null ? { text: 'NULL', style: 'dim' } : textOf(value);
}

/** RFC 4180; NULL is an empty field, an empty text is `""`. */
function fieldOf(value: Plain): string {
  if (value === null) return '';
  const text = textOf(value);
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function textOf(value: Plain): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Two columns of one name are two members. */
function objectOf(names: readonly string[], row: readonly Plain[]): object {
  const object: Record<string, Plain> = {};
  for (const [index, name] of names.entries()) {
    let key = name;
    for (let next = 1; Object.hasOwn(object, key); next += 1) key = `${name}_${next}`;
    object[key] = row[index] ?? null;
  }
  return object;
}
