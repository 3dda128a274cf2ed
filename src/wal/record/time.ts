/** `ts` of a record: most are of the same millisecond as the one before. */
import { joined } from './json.js';

/** `000` to `999`. */
const thousand: readonly string[] = Array.from({ length: 1000 }, (_, value) =>
  String(value).padStart(3, '0'),
);
/** What follows the millisecond. */
const microsecondEnds: readonly string[] = thousand.map((digits) => joined(`${digits}Z"`));
let cachedSecond = Number.NaN;
let cachedText = '';
let cachedMs = Number.NaN;
let cachedField = '';

/** `,"ts":"2026-11-21T14:02:11.480123Z"`. */
export function timeField(microseconds: number): string {
  const ms = Math.floor(microseconds / 1000);
  if (ms !== cachedMs) {
    const second = Math.floor(ms / 1000);
    if (second !== cachedSecond) {
      cachedSecond = second;
      cachedText = new Date(second * 1000).toISOString().slice(0, 20);
    }
    cachedMs = ms;
    cachedField = joined(`,"ts":"${cachedText}${thousand[ms - second * 1000]}`);
  }
  return cachedField + (microsecondEnds[microseconds - ms * 1000] ?? '');
}
