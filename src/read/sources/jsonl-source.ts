/**
 * Plain JSONL as a source: other programs' logs beside the streams, by a mapping of their fields. Opens read-only. Such a
 * file has no checks, no sequence and no clock of ours: lines are numbered, `ts` gives the place, and a line that is no
 * JSON object is a fault.
 */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { isObject, type JsonObject } from '../entry/entry.js';
import type { Source, SourceItem } from './source.js';

export interface JsonlSourceOptions {
  readonly file: string;
  /** Names the stream; default: the file's name. */
  readonly name?: string | undefined;
  /** Member of a record to the path of the field that holds it: `{ ts: 'time', event_type: 'msg', 'payload.level': 'level' }`. */
  readonly fields: Readonly<Record<string, string>>;
}

const batchLines = 256;
/** A longer line is no record. */
const lineCharsMax = 16 * 1024 * 1024;

/** The file as one stream, of role `jsonl`. */
export function jsonlSource(options: JsonlSourceOptions): Source {
  const { file } = options;
  const writerId = options.name ?? basename(file);
  const mapping = Object.entries(options.fields).map(
    ([member, path]) => [member.split('.'), path.split('.')] as const,
  );
  return {
    list: () =>
      Promise.resolve({
        streams: [{ root: file, role: 'jsonl', writerId, scan: () => scan(file, mapping) }],
        problems: [],
      }),
  };
}

type Mapping = readonly (readonly [member: readonly string[], path: readonly string[]])[];

async function* scan(
  file: string,
  mapping: Mapping,
): AsyncGenerator<readonly SourceItem[], void, undefined> {
  let items: SourceItem[] = [];
  let [sequence, offset] = [0, 0];
  try {
    for await (const line of createInterface({ input: createReadStream(file, 'utf8') })) {
      const bytes = Buffer.byteLength(line) + 1;
      const record = line.length > lineCharsMax ? undefined : mapped(line, mapping);
      if (record !== undefined) {
        sequence += 1;
        const text = JSON.stringify(record);
        items.push({
          kind: 'line',
          sequence,
          file: basename(file),
          offset,
          text,
          hlc: '',
          acknowledged: 'unknown',
        });
      } else if (line.trim() !== '') {
        const message = 'a line that is no JSON object';
        items.push({
          kind: 'fault',
          fault: { verdict: 'CORRUPT', file: basename(file), offset, bytes, message },
        });
      }
      offset += bytes;
      if (items.length < batchLines) continue;
      yield items;
      items = [];
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    items.push({ kind: 'fault', fault: { verdict: 'UNREADABLE', file, offset, message } });
  }
  yield items;
}

/** The record that a line stands for: what is not mapped is in `payload.line`. */
function mapped(line: string, mapping: Mapping): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const record: Record<string, unknown> = { event_type: 'jsonl.line', payload: { line: value } };
  for (const [member, path] of mapping) {
    const found = path.reduce<unknown>(
      (at, name) => (isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined),
      value,
    );
    if (found !== undefined) put(record, member, found);
  }
  if (typeof record['ts'] === 'number') record['ts'] = isoOf(record['ts']);
  return record;
}

function put(record: Record<string, unknown>, member: readonly string[], value: unknown): void {
  const [first = '', ...rest] = member;
  if (first === '__proto__') return;
  if (rest.length === 0) {
    record[first] = value;
    return;
  }
  const below = isObject(record[first]) ? { ...record[first] } : {};
  put(below, rest, value);
  record[first] = below;
}

/** Loggers write milliseconds, or seconds with a fraction. */
function isoOf(time: number): string | undefined {
  const ms = time > 1e11 ? time : time * 1000;
  return Math.abs(ms) > 8.64e15 || Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
