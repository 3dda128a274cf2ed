/** A checked line as a typed record. A line can pass its check and still not be a record of this format. */
import type { JsonObject, WalRecord } from './types.js';

const strings = ['ts', 'event_type', 'project_path', 'writer_id'] as const;
const optionalStrings = [
  'wal_run_id',
  'action_name',
  'trigger',
  'dev_env',
  'env_name',
  'correlation_id',
  'span_id',
  'parent_span_id',
  'hlc',
] as const;

/** The record, or `undefined` when the text is none. */
export function parseRecord(text: string): WalRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || !isObject(value['payload'])) return undefined;
  for (const name of strings) if (typeof value[name] !== 'string') return undefined;
  for (const name of optionalStrings) {
    if (value[name] !== undefined && typeof value[name] !== 'string') return undefined;
  }
  for (const name of ['origin', 'peer']) {
    if (value[name] !== undefined && !isObject(value[name])) return undefined;
  }
  const links = value['links'];
  if (links !== undefined && !(Array.isArray(links) && links.every((link) => isObject(link)))) {
    return undefined;
  }
  return value as unknown as WalRecord;
}

/** An object of JSON: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
