/** The texts in a message's bytes. Keeps the last few short ones, so that the same method is the same string. */
import { hasBackslash, isAt } from './outline-scan.js';

const quote = 0x22;
const minus = 0x2d;
/** Longer ones are not kept. */
const keptBytesMax = 64;
const keptMax = 256;
const kept: string[] = Array.from({ length: keptMax }, () => '');

/** The string that these bytes spell, its quotes among them; `undefined` for anything else. */
export function readText(
  bytes: Buffer,
  start: number,
  end: number,
  bytesMax: number,
): string | undefined {
  if (bytes[start] !== quote || end - start > bytesMax) return undefined;
  if (hasBackslash(bytes, start, end)) {
    try {
      return JSON.parse(bytes.toString('utf8', start, end)) as string;
    } catch {
      return undefined;
    }
  }
  return end - start > keptBytesMax
    ? bytes.toString('utf8', start + 1, end - 1)
    : shortText(bytes, start + 1, end - 1);
}

/** A call into the runtime costs more than a look at what it gave the last time. */
function shortText(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return '';
  const sample = (bytes[start + (length >> 1)] as number) * 5 + (bytes[end - 1] as number) * 3;
  const slot = (sample + length) & (keptMax - 1);
  const text = kept[slot] as string;
  if (text.length === length && isAt(bytes, start, text)) return text;
  const read = bytes.toString('utf8', start, end);
  // Of other texts a character is no byte.
  if (read.length === length) kept[slot] = read;
  return read;
}

/** Whether what begins there is a number or a string. */
export function isIdAt(bytes: Buffer, start: number): boolean {
  const first = bytes[start] as number;
  return first === quote || first === minus || (first >= 0x30 && first <= 0x39);
}
