/**
 * Whether a stream was closed before a time, from one small read and without listing its directory. A seal that names no
 * next file is the last thing a writer ever does: where the first file ends with one, there is no other file. That is
 * said by checked bytes and not by times of files, which copies, clocks and file systems change. Says yes to nothing
 * else: who is told no lists the directory. Read-only; no link is followed.
 */
import { sep } from 'node:path';
import { latin1 } from '../record/latin1.js';
import { Line } from '../record/line.js';
import { Pattern } from '../record/pattern.js';
import type { ReadPort } from '../disk/read-port.js';

/** Of a file that is longer, its end. */
const peekBytes = 8 * 1024;
const firstFile = `${sep}wal-000001.jsonl`;
const newline = 10;
const quote = 0x22;
const sealedEvent = new Pattern('wal.sealed",');
/** `","ts":"` and `","event_type":"`. */
const tsKeyChars = 8;
const eventKeyChars = 16;
const nextKey = ',"next":';
/** So much may a seal's time differ from that of the records around it, which the disk held up. */
const marginMs = 60_000;
/** After so many in a row that were not closed, such as a host leaves that kills its runners, only each eighth is looked at. */
const missedMax = 8;
const yearOneMs = -62_135_596_800_000;
const yearTenThousandMs = 253_402_300_800_000;

/** Tells streams that were closed more than a minute before `microseconds` since 1970; of no other, where that is no date. */
export function closedBefore(
  port: ReadPort,
  microseconds: number,
): (directory: string, writerId: string) => boolean {
  const limitMs = Math.floor(microseconds / 1000) - marginMs;
  if (port.readEnd === undefined || !(limitMs > yearOneMs && limitMs < yearTenThousandMs)) {
    return () => false;
  }
  const readEnd = port.readEnd.bind(port);
  const limit = Buffer.from(`${new Date(limitMs).toISOString().slice(0, -1)}000Z`, 'latin1');
  const bytes = Buffer.allocUnsafeSlow(peekBytes);
  const line = new Line('');
  line.use(bytes);
  const isClosed = (directory: string, writerId: string): boolean => {
    const end = readEnd(directory + firstFile, bytes) - 1;
    // A killed writer leaves kilobytes of newlines behind its last record: they are not looked through.
    if (end < 1 || bytes[end] !== newline || bytes[end - 1] === newline) return false;
    const start = bytes.lastIndexOf(newline, end - 1) + 1;
    if (!line.check(start, end) || !sealedEvent.isAt(line.view, line.eventAt, end)) return false;
    return isBefore(line, limit) && isBy(line, writerId) && isLast(line);
  };
  let looks = 0;
  let missed = 0;
  return (directory, writerId) => {
    looks += 1;
    if (missed >= missedMax && looks % missedMax !== 0) return false;
    const found = isClosed(directory, writerId);
    missed = found ? 0 : missed + 1;
    return found;
  };
}

/** Compared as it stands there: times of one form sort as text. */
function isBefore({ bytes, tsAt, eventAt }: Line, limit: Uint8Array): boolean {
  if (eventAt - tsAt !== limit.length + eventKeyChars) return false;
  let order = 0;
  for (let index = 0; index < limit.length; index += 1) {
    const [code, other] = [bytes[tsAt + index] ?? 0, limit[index] ?? 0];
    // Where one has a digit, so has the other; everything else is the same in all times.
    if (!isDigit(other) ? code !== other : !isDigit(code)) return false;
    if (order === 0) order = code - other;
  }
  return order < 0;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The line stands in a file of its own writer. */
function isBy({ bytes, start, tsAt }: Line, writerId: string): boolean {
  const from = tsAt - tsKeyChars - writerId.length;
  if (from <= start || bytes[from - 1] !== quote) return false;
  for (let index = 0; index < writerId.length; index += 1) {
    if (bytes[from + index] !== writerId.charCodeAt(index)) return false;
  }
  return true;
}

/** The seal names no next file, in the only place there is for one. */
function isLast({ bytes, eventAt, end }: Line): boolean {
  const text = latin1(bytes, eventAt, end);
  const at = text.indexOf(nextKey) + nextKey.length;
  return text.startsWith('null', at) && !text.includes(nextKey, at);
}
