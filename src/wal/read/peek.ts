/** One small read at a file's beginning or end: what a reader asks of thousands of streams before it reads any. */
import { checkLine } from '../record/line.js';
import { openIfThere } from './survey.js';
import type { OpenFile, ReadPort } from '../disk/read-port.js';

/** What stands in a line, without parsing it. An empty `hlc` is none. */
export interface PeekedLine {
  readonly sequence: number;
  readonly offset: number;
  readonly text: string;
  readonly ts: string;
  readonly hlc: string;
}

const peekBytes = 4096;
const newline = 10;

/** The file's first record; `undefined` when it is no record, is long, or cannot be read. */
export function firstLine(port: ReadPort, path: string): Promise<PeekedLine | undefined> {
  return peek(port, path, async (file) => {
    const bytes = await part(file, 0);
    const end = bytes.indexOf(newline);
    return end === -1 ? undefined : lineOf(bytes.subarray(0, end), 0);
  });
}

/** The file's last whole record; `undefined` when none ends within the last 4 KiB, or it cannot be read. */
export function lastLine(port: ReadPort, path: string): Promise<PeekedLine | undefined> {
  return peek(port, path, async (file) => {
    const from = Math.max(0, (await file.size()) - peekBytes);
    const bytes = await part(file, from);
    let end = bytes.lastIndexOf(newline);
    while (end > 0) {
      const start = bytes.lastIndexOf(newline, end - 1) + 1;
      const line = lineOf(bytes.subarray(start, end), from + start);
      if (line !== undefined) return line;
      end = start - 1;
    }
    return undefined;
  });
}

async function peek(
  port: ReadPort,
  path: string,
  look: (file: OpenFile) => Promise<PeekedLine | undefined>,
): Promise<PeekedLine | undefined> {
  let file: OpenFile | undefined;
  try {
    file = await openIfThere(port, path);
    return file === undefined ? undefined : await look(file);
  } catch {
    // Whoever reads the stream says so; here it is only not known.
    return undefined;
  } finally {
    await file?.close();
  }
}

async function part(file: OpenFile, position: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(peekBytes);
  return bytes.subarray(0, await file.read(bytes, position));
}

function lineOf(bytes: Buffer, offset: number): PeekedLine | undefined {
  const line = checkLine(bytes);
  if (line === undefined) return undefined;
  const at = line.hlcAt;
  const { sequence, text, ts } = line;
  return {
    sequence,
    offset,
    text,
    ts,
    hlc: at === -1 ? '' : bytes.toString('latin1', at, at + 13),
  };
}
