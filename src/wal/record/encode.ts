/**
 * Encodes a record's body at `append`, so that the caller's order is the record's order and a value that cannot be
 * written rejects that append alone. Sequence, writer, `synced`, `prev` and `crc` are not here: a flush sets them.
 * The output is printable ASCII, one line, never `NaN`.
 */
import { parseHlc, ThroughlineError, type HybridClock, type Hlc } from '../../context/index.js';
import { encodeJson, joined, plainPattern, quote } from './json.js';
import { timeField } from './time.js';
import type { RecordInput } from '../types.js';

export interface EncodedBody {
  /** From `,"ts":` to the last common field, without braces. */
  readonly text: string;
  readonly hlc: Hlc;
}

const eventTypePattern = /^[a-z][a-z_]*(?:\.[a-z][a-z_]*)+$/;
/**
 * Encodes `record` as of now, or as of `at`. Throws `RECORD_INVALID`, and then nothing has happened.
 */
export function encodeBody(
  record: RecordInput,
  clock: HybridClock,
  projectPath: string,
  recordBytesMax: number,
  at?: Hlc,
): EncodedBody {
  // The fields first, the clock after: a record that cannot be written must not advance it.
  const fields = encodeFields(record, projectPath);
  if (fields.length > recordBytesMax) {
    throw new ThroughlineError(
      'RECORD_INVALID',
      `${record.event_type}: ${fields.length} bytes, the limit is ${recordBytesMax}`,
    );
  }
  const now = at === undefined ? clock.read() : { microseconds: clock.wallMicroseconds(), hlc: at };
  const { hlc } = now;
  return { text: timeField(now.microseconds) + fields + ',"hlc":"' + hlc + '"', hlc };
}

// Few pieces, each as long as can be, joined by `+`: what a record costs here grows with their number.

function encodeFields(record: RecordInput, projectPath: string): string {
  let text =
    beginning(record.event_type, record.project_path ?? projectPath) +
    encodeJson(record.payload ?? {}, 'payload') +
    field(',"wal_run_id":"', record.wal_run_id) +
    settingFields(record) +
    field(',"correlation_id":"', record.correlation_id) +
    field(',"span_id":"', record.span_id) +
    field(',"parent_span_id":"', record.parent_span_id);
  if (record.links !== undefined && record.links.length > 0) {
    text += `,"links":${encodeJson(record.links, 'links')}`;
  }
  if (record.origin !== undefined) text += `,"origin":${encodeJson(record.origin, 'origin')}`;
  if (record.peer !== undefined) text += `,"peer":${encodeJson(record.peer, 'peer')}`;
  return text;
}

/** `start` is the field up to the quote before its value. */
function field(start: string, value: string | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && plainPattern.test(value)) return start + value + '"';
  return start.slice(0, -1) + quote(value, start.slice(2, -3));
}

/** A process mostly works in one project, with few types of events. */
const beginnings = new Map<string, string>();
const beginningsMax = 64;
let newestProject = '';

/** From the event's type to the payload: checked and encoded when it is new. */
function beginning(eventType: string, path: string): string {
  if (path !== newestProject || beginnings.size === beginningsMax) {
    beginnings.clear();
    newestProject = path;
  }
  let text = beginnings.get(eventType);
  if (text === undefined) {
    if (!eventTypePattern.test(eventType)) {
      throw new ThroughlineError('RECORD_INVALID', `not an event type: ${eventType}`);
    }
    const project = quote(path, 'project_path');
    text = `,"event_type":"${eventType}","project_path":${project},"payload":`;
    beginnings.set(eventType, text);
  }
  return text;
}

type Settings = Pick<RecordInput, 'action_name' | 'trigger' | 'dev_env' | 'env_name'>;
let newestSettings: Settings & { readonly text: string } = { text: '' };

/** What an action was run with: mostly as the record before it, and encoded when it changes. */
function settingFields({ action_name, trigger, dev_env, env_name }: Settings): string {
  if (
    action_name !== newestSettings.action_name ||
    trigger !== newestSettings.trigger ||
    dev_env !== newestSettings.dev_env ||
    env_name !== newestSettings.env_name
  ) {
    const text =
      field(',"action_name":"', action_name) +
      field(',"trigger":"', trigger) +
      field(',"dev_env":"', dev_env) +
      field(',"env_name":"', env_name);
    newestSettings = { action_name, trigger, dev_env, env_name, text: joined(text) };
  }
  return newestSettings.text;
}

/** The reading in an encoded body: it is the last field. */
export function hlcOf(body: string): Hlc | undefined {
  return parseHlc(body.slice(-14, -1));
}
