/**
 * The ids of a new root, written where they travel: as `mintTraceId` and `mintSpanId` make them, without the strings.
 * For whoever stamps a message for others and keeps nothing of it.
 */
import { pooledRandom } from './random.js';

const hexDigits = Uint8Array.from('0123456789abcdef', (one) => one.charCodeAt(0));
const one = 0x31;
const timeDigits = 12;
const spanDigits = 16;
/** Ten bytes behind a trace id's time, and eight of a span id. */
const random = new Uint8Array(18);
const traceBytes = 10;
const time = new Uint8Array(timeDigits);
let writtenMs = 0;

/** Writes 32 digits at `traceAt` and 16 at `spanAt`. */
export function writeRootIds(target: Uint8Array, traceAt: number, spanAt: number): void {
  writeTime(target, traceAt);
  pooledRandom(random);
  let bits = 0;
  let at = traceAt + timeDigits;
  for (let index = 0; index < traceBytes; index += 1, at += 2) {
    const byte = random[index] as number;
    target[at] = hexDigits[byte >> 4] as number;
    target[at + 1] = hexDigits[byte & 15] as number;
  }
  at = spanAt;
  for (let index = traceBytes; index < random.length; index += 1, at += 2) {
    const byte = random[index] as number;
    bits |= byte;
    target[at] = hexDigits[byte >> 4] as number;
    target[at + 1] = hexDigits[byte & 15] as number;
  }
  // No span id is all zeros.
  if (bits === 0) target[spanAt + spanDigits - 1] = one;
}

/** 48 bits of milliseconds since 1970. They change once in a millisecond, and ids are written more often. */
function writeTime(target: Uint8Array, at: number): void {
  const nowMs = Math.max(Date.now(), 1);
  if (nowMs !== writtenMs) {
    writtenMs = nowMs;
    let rest = nowMs;
    for (let index = timeDigits - 1; index >= 0; index -= 1) {
      time[index] = hexDigits[rest % 16] as number;
      rest = Math.floor(rest / 16);
    }
  }
  for (let index = 0; index < timeDigits; index += 1) target[at + index] = time[index] as number;
}
