/** One line of FineCode's WAL, schema version 2, as really written. Pure; what is no such record is `undefined`. */
import { parseSpanId, parseTraceId, correlationIdOf } from '../../../context/index.js';
import type { CorrelationId, SpanId } from '../../../context/index.js';
import { isObject, text, type JsonObject } from '../../entry/entry.js';
import { parseTimestamp } from '../../entry/timestamp.js';

export interface FineCodeRecord {
  readonly schemaVersion: number;
  readonly sequence: number;
  /** Since 1970; absent where `ts` cannot be read. */
  readonly microseconds: number | undefined;
  readonly event: string;
  /** `wm-<pid>-<start in seconds>`, `er-…`. */
  readonly writerId: string;
  readonly project: string;
  readonly runId: string | undefined;
  readonly action: string;
  readonly trigger: string;
  readonly devEnv: string;
  readonly payload: JsonObject;
  /** All of it. */
  readonly whole: JsonObject;
}

/** What a hook put into `payload.correlation`. */
export interface Embedded {
  readonly correlationId: CorrelationId;
  /** The run's own span; older hooks gave it none. */
  readonly spanId: SpanId | undefined;
  readonly parentSpanId: SpanId | undefined;
}

const writerCharsMax = 256;
/** Python writes NaN and Infinity where JSON has no number; text in quotes is left alone. */
const notJson = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/** The record of a line, with the text that is JSON. */
export function parseLine(
  line: string,
): { readonly record: FineCodeRecord; readonly text: string } | undefined {
  const found = parseJson(line);
  const record = found === undefined ? undefined : recordOf(found.value);
  return record === undefined || found === undefined ? undefined : { record, text: found.text };
}

function parseJson(line: string): { readonly value: unknown; readonly text: string } | undefined {
  try {
    return { value: JSON.parse(line), text: line };
  } catch {
    if (!/\b(?:NaN|Infinity)\b/.test(line)) return undefined;
  }
  try {
    const repaired = line.replace(notJson, (found) => (found.startsWith('"') ? found : 'null'));
    return { value: JSON.parse(repaired), text: repaired };
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): FineCodeRecord | undefined {
  if (!isObject(value)) return undefined;
  const { schema_version: version, sequence, payload } = value;
  const [event, writerId] = [text(value['event_type']), text(value['writer_id'])];
  if (typeof version !== 'number' || typeof sequence !== 'number') return undefined;
  if (!Number.isSafeInteger(sequence) || sequence < 0 || !isObject(payload)) return undefined;
  if (event === undefined || writerId === undefined || writerId.length > writerCharsMax) {
    return undefined;
  }
  return {
    schemaVersion: version,
    sequence,
    microseconds: parseTimestamp(value['ts']),
    event,
    writerId,
    project: text(value['project_path']) ?? '',
    runId: text(value['wal_run_id']),
    action: text(value['action_name']) ?? '',
    trigger: text(value['trigger']) ?? '',
    devEnv: text(value['dev_env']) ?? '',
    payload,
    whole: value,
  };
}

/** Both shapes that hooks wrote; `undefined` for anything else. */
export function embeddedIn(payload: JsonObject): Embedded | undefined {
  const { correlation } = payload;
  if (!isObject(correlation)) return undefined;
  const traceId = parseTraceId(correlation['trace_id']);
  if (traceId === undefined) return undefined;
  return {
    correlationId: correlationIdOf(traceId),
    spanId: parseSpanId(correlation['span_id']),
    parentSpanId: parseSpanId(correlation['parent_span_id']),
  };
}

/** `wm` of `wm-404-1795291833`, with its pid; `undefined` for another kind of name. */
export function writerParts(
  writerId: string,
): { readonly role: string; readonly pid: number; readonly startSeconds: number } | undefined {
  const match = /^([a-z]{1,16})-(\d{1,10})-(\d{1,12})$/.exec(writerId);
  if (match === null) return undefined;
  return { role: match[1] ?? '', pid: Number(match[2]), startSeconds: Number(match[3]) };
}
