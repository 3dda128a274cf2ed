/** Times as records have them, read. */

/** Microseconds since 1970 of an ISO-8601 text in UTC, or `undefined`. */
export function parseTimestamp(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > 40) return undefined;
  // What writers of ours write, and mostly within the second of the one before.
  if (value.length === 27 && value.startsWith(newestSecond.text) && value.endsWith('Z')) {
    const fraction = Number(value.slice(20, 26));
    if (fraction >= 0) return newestSecond.microseconds + fraction;
  }
  const match = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(
    value,
  );
  if (match === null) return undefined;
  const seconds = Date.parse(`${(match[1] ?? '').replace(' ', 'T')}${match[3] ?? 'Z'}`);
  if (Number.isNaN(seconds)) return undefined;
  if (value.length === 27 && value[10] === 'T' && value[19] === '.') {
    newestSecond = { text: value.slice(0, 20), microseconds: seconds * 1000 };
  }
  return seconds * 1000 + Number((match[2] ?? '').padEnd(6, '0').slice(0, 6));
}

let newestSecond = { text: 'none yet', microseconds: 0 };
