/** A checked line as a typed record. A line can pass its check and still not be a record of this format. */
import type { JsonObject, WalRecord } from '../types.js';

/** The record, or `undefined` when the text is none. */
export function parseRecord(text: string): WalRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isRecord(value) ? value : undefined;
}

/** Member by member, with the name spelled out at each: a loop over the names was half the cost of the parse. */
function isRecord(value: unknown): value is WalRecord {
  if (!isObject(value)) return false;
  const members = value as { readonly [Member in keyof WalRecord]?: unknown };
  return (
    typeof members.ts === 'string' &&
    typeof members.event_type === 'string' &&
    typeof members.project_path === 'string' &&
    typeof members.writer_id === 'string' &&
    isObject(members.payload) &&
    isText(members.wal_run_id) &&
    isText(members.action_name) &&
    isText(members.trigger) &&
    isText(members.dev_env) &&
    isText(members.env_name) &&
    isText(members.correlation_id) &&
    isText(members.span_id) &&
    isText(members.parent_span_id) &&
    isText(members.hlc) &&
    (members.origin === undefined || isObject(members.origin)) &&
    (members.peer === undefined || isObject(members.peer)) &&
    (members.links === undefined ||
      (Array.isArray(members.links) && members.links.every((link) => isObject(link))))
  );
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

/** An object of JSON: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
