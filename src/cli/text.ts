/**
 * Text for a terminal. Everything printed goes through `line`, which takes pieces and cleans each of them: what a
 * stream holds cannot reach the terminal as a control sequence. Knows nothing of streams and requests.
 */
import { styleText } from 'node:util';
import { withoutUnseen } from './unseen.js';

export type Style = 'green' | 'red' | 'blue' | 'yellow' | 'dim' | 'bold';

/** A piece of text in one style. */
export interface Piece {
  readonly text: string;
  readonly style?: Style | undefined;
}

export type Cell = string | Piece;

const lastColumnsMin = 9;
/** How much of the last column is worth cutting others for, and how much of those stays. */
const lastColumnsWanted = 14;
const cutColumnsMin = 6;
const linesAtOnce = 1000;
const narrowColumns = 100;

/** The text with everything that a terminal would act upon, and that nobody would see, replaced by U+FFFD. */
export function clean(text: string): string {
  return withoutUnseen(text);
}

/** The same for text that has lines, and columns between tabs. */
export function cleanLines(text: string): string {
  return withoutUnseen(text, '\n\t');
}

/** One line of pieces, cleaned, and styled where the terminal wants styles. No newline. */
export function line(...cells: readonly Cell[]): string {
  return cells.map((cell) => paint(cell)).join('');
}

type Sink = (text: string) => void;

const toStdout: Sink = (text) => {
  process.stdout.write(text);
};
let sink = toStdout;

/** Where lines are printed to from now on; `undefined`: to stdout, as at first. */
export function printTo(other: Sink | undefined): void {
  sink = other ?? toStdout;
}

/** Prints lines to stdout, or to the pager before it. */
export function print(lines: readonly string[]): void {
  for (let from = 0; from < lines.length; from += linesAtOnce) {
    sink(`${lines.slice(from, from + linesAtOnce).join('\n')}\n`);
  }
}

/**
 * Rows as columns, two spaces apart; the last column is not padded and is cut at a terminal's edge. Where that leaves
 * too little of it, the columns with the numbers in `cuttable` are cut too, the widest first.
 * `indent`: spaces before each row.
 */
export function columns(
  rows: readonly (readonly Cell[])[],
  cuttable: readonly number[] = [],
  indent = 0,
): readonly string[] {
  const widths: number[] = [];
  const firstGap = isGlyph(rows) ? 1 : 2;
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, widthOf(plain(cell)));
    }
  }
  const edge = terminalColumns() - indent;
  narrow(widths, cuttable, edge - firstGap - 2 * (widths.length - 2));
  return rows.map((row) => {
    const cells: Cell[] = [];
    let used = 0;
    for (const [index, whole] of row.entries()) {
      if (index === row.length - 1) {
        // On a terminal too narrow for the table, a stub of the last column still says more than nothing.
        cells.push(cutCell(whole, Math.max(edge - used, lastColumnsMin)));
        break;
      }
      const width = widths[index] ?? 0;
      const cell = cutCell(whole, width);
      const gap = width - widthOf(plain(cell)) + (index === 0 ? firstGap : 2);
      cells.push(cell, ' '.repeat(gap));
      used += width + (index === 0 ? firstGap : 2);
    }
    return `${' '.repeat(indent)}${line(...cells).trimEnd()}`;
  });
}

/** A text as one line, or on a terminal as many as it takes, broken between words, with `indent` spaces before each. */
export function paragraph(piece: Piece, indent = 0): readonly string[] {
  const width = terminalColumns() - indent;
  const lines: string[] = [];
  let now = '';
  for (const word of plain(piece).split(' ')) {
    const longer = now === '' ? word : `${now} ${word}`;
    if (now !== '' && widthOf(longer) > width) {
      lines.push(now);
      now = word;
    } else {
      now = longer;
    }
  }
  return [...lines, now].map((text) => `${' '.repeat(indent)}${line({ ...piece, text })}`);
}

/** Takes from the widths of what may be cut until the last column has what it wants in `room`, or nothing is left. */
function narrow(widths: number[], cuttable: readonly number[], room: number): void {
  const last = widths.at(-1) ?? 0;
  const others = widths.slice(0, -1).reduce((sum, width) => sum + width, 0);
  for (let over = others + Math.min(last, lastColumnsWanted) - room; over > 0; over -= 1) {
    const [widest] = cuttable.toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
    if (widest === undefined || (widths[widest] ?? 0) <= cutColumnsMin) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

/** The number of columns there are; without a terminal there is no edge. */
export function terminalColumns(): number {
  // A pseudo-terminal that nobody gave a size says 0.
  const columnsThere = process.stdout.isTTY ? process.stdout.columns : 0;
  return columnsThere > 0 ? columnsThere : Number.POSITIVE_INFINITY;
}

/** Here there is room for what was asked and how it ended, and not for milliseconds and who wrote it. */
export function isNarrow(): boolean {
  return terminalColumns() < narrowColumns;
}

/** The number of rows there are; without a terminal there is no end. */
export function terminalRows(): number {
  const rowsThere = process.stdout.isTTY ? process.stdout.rows : 0;
  return rowsThere > 0 ? rowsThere : Number.POSITIVE_INFINITY;
}

/** How many columns a cleaned text takes: two for East Asian wide characters and emoji, none for marks. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character.codePointAt(0) ?? 0);
  return width;
}

function characterWidth(code: number): number {
  if (code < 0x300) return 1;
  if (/\p{Mark}/u.test(String.fromCodePoint(code))) return 0;
  const isWide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return isWide ? 2 : 1;
}

/** A first column of one character is the state's glyph and stands close to what follows. */
function isGlyph(rows: readonly (readonly Cell[])[]): boolean {
  return rows.every((row) => widthOf(plain(row[0] ?? '')) <= 1);
}

function cutCell(cell: Cell, columnsMax: number): Cell {
  const text = plain(cell);
  if (widthOf(text) <= columnsMax) return cell;
  return { text: cut(text, columnsMax), style: typeof cell === 'string' ? undefined : cell.style };
}

/** The text, cleaned and no wider than this; what was cut ends in `…`. */
export function cut(text: string, columnsMax: number): string {
  const cleaned = clean(text);
  if (widthOf(cleaned) <= columnsMax) return cleaned;
  let [start, width] = ['', 0];
  for (const character of cleaned) {
    width += characterWidth(character.codePointAt(0) ?? 0);
    if (width >= columnsMax) break;
    start += character;
  }
  return `${start}…`;
}

/** How many columns the pieces take together. */
export function plainWidth(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + widthOf(plain(cell)), 0);
}

function plain(cell: Cell): string {
  return clean(typeof cell === 'string' ? cell : cell.text);
}

function paint(cell: Cell): string {
  const text = plain(cell);
  if (typeof cell === 'string' || cell.style === undefined || text === '') return text;
  // The terminal is asked here and not by styleText, whose default differs between the versions of Node we run on.
  const isStyled = process.stdout.isTTY && process.stdout.hasColors();
  return isStyled ? styleText(cell.style, text, { validateStream: false }) : text;
}
