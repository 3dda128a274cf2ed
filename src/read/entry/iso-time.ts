/** Times as records have them, made from numbers: nothing here asks what time it is. */
import { hlcMicroseconds, type Hlc } from '../../context/index.js';

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
let newest = { second: Number.NaN, text: '' };

/** `2026-11-21T14:02:11.480123Z`. */
export function isoMicroseconds(microseconds: number): string {
  const second = Math.floor(microseconds / 1e6);
  if (second !== newest.second) {
    const date = new Date(second * 1000);
    // Beyond the year 275760 there is no date; nothing that was recorded is.
    newest = { second, text: Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, -4) };
  }
  return `${newest.text}${String(microseconds - second * 1e6).padStart(6, '0')}Z`;
}

/** A reading as two numbers. */
export function splitHlc(hlc: Hlc): { readonly microseconds: number; readonly counter: number } {
  const at = (index: number): number => digits.indexOf(hlc[index] ?? '0');
  const counter = ((at(10) & 3) << 10) | (at(11) << 5) | at(12);
  return { microseconds: hlcMicroseconds(hlc), counter };
}
