/**
 * Where a follower stands, as one line of text that a script can keep: the highest reading that was yielded, and how
 * far each stream was read that may still grow. Exact: a record is behind the cursor or before it, never in doubt.
 */
import { parseHlc, ThroughlineError, type Hlc } from '../../context/index.js';
import type { Entry } from '../entry/entry.js';

export interface Cursor {
  /** Of streams that are not listed, what is not after this was yielded. */
  readonly hlc: Hlc;
  /** Writer to the last sequence that was yielded. */
  readonly positions: ReadonlyMap<string, number>;
}

const version = 'tl1';
const charsMax = 1_000_000;
const positionPattern = /^([a-z][a-z0-9-]{0,31}-[0-7][0-9A-HJKMNP-TV-Z]{25}):(\d{1,15})$/;

export function formatCursor({ hlc, positions }: Cursor): string {
  return [version, hlc, ...[...positions].map(([writer, last]) => `${writer}:${last}`)].join('.');
}

/** Throws `ARGUMENT_INVALID` for what `formatCursor` did not make. */
export function parseCursor(text: string): Cursor {
  const [head, reading, ...rest] = text.length > charsMax ? [] : text.trim().split('.');
  const hlc = parseHlc(reading);
  const positions = new Map<string, number>();
  for (const part of rest) {
    const match = positionPattern.exec(part);
    if (match?.[1] === undefined) throw notACursor();
    positions.set(match[1], Number(match[2]));
  }
  if (head !== version || hlc === undefined) throw notACursor();
  return { hlc, positions };
}

/** True when the record was yielded before the cursor was. */
export function isBefore(cursor: Cursor, entry: Entry): boolean {
  const position = cursor.positions.get(entry.writerId);
  return position === undefined ? entry.at.hlc <= cursor.hlc : entry.sequence <= position;
}

function notACursor(): ThroughlineError {
  return new ThroughlineError(
    'ARGUMENT_INVALID',
    'this is not a cursor: give one that a follower printed, whole',
  );
}
