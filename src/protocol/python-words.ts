/**
 * Messages of Python peers, which may hold `NaN`, `Infinity` and `-Infinity`: no JSON, but places in them are found as
 * in any other message. Changes no message and never throws.
 */
import { viewOf } from './bytes.js';
import { outline } from './outline.js';
import type { Outline } from './outline-types.js';
import { skipString } from './outline-scan.js';

const quote = 0x22;
const words: readonly (readonly [RegExp, string])[] = [
  [/NaN/g, '111'],
  [/Infinity/g, '11111111'],
];

export interface PythonMessage {
  readonly found: Outline;
  /** The message with numbers in the place of those words: its places are those of the bytes that were given. */
  readonly read: Uint8Array;
}

export function readPython(body: Uint8Array): PythonMessage {
  const found = outline(body);
  if (found.kind !== 'other') return { found, read: body };
  const read = withoutPythonWords(body);
  return { found: read === body ? found : outline(read), read };
}

/** The message with numbers of the same length in the place of these words; the same array when there are none. */
function withoutPythonWords(body: Uint8Array): Uint8Array {
  const bytes = viewOf(body);
  if (!bytes.includes('NaN') && !bytes.includes('Infinity')) return body;
  const read = Buffer.from(bytes);
  for (let at = 0; at < bytes.length;) {
    const start = bytes.indexOf(quote, at);
    const end = start === -1 ? bytes.length : start;
    let text = bytes.toString('latin1', at, end);
    for (const [word, number] of words) text = text.replace(word, number);
    read.write(text, at, 'latin1');
    const behind = start === -1 ? -1 : skipString(bytes, start);
    if (behind === -1) break;
    at = behind;
  }
  return read;
}
