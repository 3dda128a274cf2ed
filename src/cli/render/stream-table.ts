/** Streams as a table: whose they are, how much is in them, and how they end. */
import type { StreamReport } from '../../read/index.js';
import { columns, type Cell } from '../text.js';
import { timeFormat, type TimeStyle } from '../times.js';
import { conditionWord } from './truth-line.js';
import { shortWriter } from './words.js';

export function streamTable(streams: readonly StreamReport[], style: TimeStyle): readonly string[] {
  if (streams.length === 0) return [];
  const times = streams.flatMap(({ first, last }) => [first, last]);
  const time = timeFormat(
    times.flatMap((moment) => (moment === undefined ? [] : [moment.microseconds])),
    Date.now(),
    style,
  );
  return columns([
    ['STREAM', 'RECORDS', 'FIRST', 'LAST', 'ENDS'],
    ...streams.map((stream): readonly Cell[] => [
      shortWriter(stream.writerId),
      String(stream.records),
      stream.first === undefined ? '—' : time(stream.first.microseconds),
      stream.last === undefined ? '—' : time(stream.last.microseconds),
      endOf(stream),
    ]),
  ]);
}

function endOf({ condition, sealed, writer }: StreamReport): string {
  const text = conditionWord(condition);
  return sealed && condition === 'complete' ? text : `${text}: ${writer.evidence}`;
}
