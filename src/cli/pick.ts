/** What of a view is asked for: `--since`, `--until` and FIELD=VALUE. Throws `UsageError` for a time that cannot be read. */
import { hlcMicroseconds, parseHlc } from '../context/index.js';
import type { FieldMatch, RecordFilter, Request } from '../read/index.js';
import { UsageError, type Given } from './command.js';

const unitsMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** The filter that the options and these matches are. */
export function filterOf(
  given: Given,
  matches: readonly FieldMatch[],
  nowMs: number,
): RecordFilter {
  const [since, until] = ['since', 'until'].map((name) => {
    const value = given.value(name);
    return value === undefined ? undefined : timeOf(value, `--${name}`, given, nowMs);
  });
  if (since !== undefined && until !== undefined && since > until) {
    throw new UsageError('--since is after --until: nothing can be between them');
  }
  return { since, until, matches };
}

/** True for a request of which something was recorded in the time that is asked for, and which matches as printed. */
export function isPicked(
  filter: RecordFilter,
  request: Pick<Request, 'started' | 'last'>,
  printed: () => object,
): boolean {
  const { since = -Infinity, until = Infinity, matches = [] } = filter;
  if (request.last.microseconds < since || request.started.microseconds >= until) return false;
  return matches.length === 0 || doesMatch(matches, printed());
}

/** Of one field any value may be there; of all fields that are named one must. */
function doesMatch(matches: readonly FieldMatch[], printed: object): boolean {
  return matches.every(({ field }) =>
    valuesAt(printed, field).some((found) =>
      matches.some((match) => match.field === field && match.value === found),
    ),
  );
}

/** What is at the path, as texts; of a list every member of it. */
function valuesAt(printed: unknown, field: string): readonly string[] {
  let values: readonly unknown[] = [printed];
  for (const name of field.split('.')) {
    values = values.flatMap((value) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? [(value as Readonly<Record<string, unknown>>)[name]].flat()
        : [],
    );
  }
  return values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
}

/** Microseconds since 1970 of `10m` (ago), an ISO time or a clock reading. */
function timeOf(value: string, option: string, given: Given, nowMs: number): number {
  const ago = /^(\d{1,9}(?:\.\d{1,3})?)([smhdw])$/.exec(value);
  if (ago !== null) return (nowMs - Number(ago[1]) * (unitsMs[ago[2] ?? ''] ?? 0)) * 1000;
  const microseconds = absoluteTime(value, given.flag('utc'));
  if (microseconds !== undefined) return microseconds;
  throw new UsageError(
    `${option} takes 10m, 2h, 1d (ago), a time such as 2026-11-21T14:00, or a clock reading, not "${value.slice(0, 80)}"`,
  );
}

/** Microseconds since 1970 of an ISO time, which is local unless it says otherwise, or of a clock reading. */
export function absoluteTime(value: string, isUtc: boolean): number | undefined {
  const hlc = parseHlc(value);
  if (hlc !== undefined) return hlcMicroseconds(hlc);
  const iso =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)?)?$/.exec(
      value,
    );
  if (iso === null) return undefined;
  const zone = iso[4] ?? (isUtc ? 'Z' : '');
  const ms = Date.parse(`${iso[1]}T${iso[2] ?? '00:00'}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  return ms * 1000 + Number((iso[3] ?? '').padEnd(6, '0'));
}
