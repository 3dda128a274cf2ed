/**
 * Encodes a record's body at `append`, so that the caller's order is the record's order and a value that cannot be
 * written rejects that append alone. Sequence, writer, `synced`, `prev` and `crc` are not here: a flush sets them.
 * The output is printable ASCII, one line, never `NaN`.
 */
import { parseHlc, ThroughlineError, type HybridClock, type Hlc } from '../../context/index.js';
import type { JsonObject, RecordInput } from '../types.js';

export interface EncodedBody {
  /** From `,"ts":` to the last common field, without braces. */
  readonly text: string;
  readonly hlc: Hlc;
}

const eventTypePattern = /^[a-z][a-z_]*(?:\.[a-z][a-z_]*)+$/;
const plainPattern = /^[0-9A-Za-z._/:@ -]*$/;
const unprintable = /[^\x20-\x7e]/g;
const depthMax = 32;
const plainDepthMax = 4;
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
  if (!eventTypePattern.test(record.event_type)) {
    throw new ThroughlineError('RECORD_INVALID', `not an event type: ${record.event_type}`);
  }
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
  const text = `,"ts":"${formatTime(now.microseconds)}"${fields},"hlc":"${hlc}"`;
  return { text, hlc };
}

function encodeFields(record: RecordInput, projectPath: string): string {
  let text =
    `,"event_type":"${record.event_type}"${projectField(record.project_path ?? projectPath)}` +
    `,"payload":${encodeJson(record.payload ?? {}, 'payload')}` +
    field('wal_run_id', record.wal_run_id) +
    settingFields(record) +
    field('correlation_id', record.correlation_id) +
    field('span_id', record.span_id) +
    field('parent_span_id', record.parent_span_id);
  if (record.links !== undefined && record.links.length > 0) {
    text += `,"links":${encodeJson(record.links, 'links')}`;
  }
  if (record.origin !== undefined) text += `,"origin":${encodeJson(record.origin, 'origin')}`;
  if (record.peer !== undefined) text += `,"peer":${encodeJson(record.peer, 'peer')}`;
  return text;
}

function field(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${quote(value, name)}`;
}

let newestProject = { path: '', text: ',"project_path":""' };

/** A process mostly works in one project: the field is encoded when it changes. */
function projectField(path: string): string {
  if (path !== newestProject.path) {
    newestProject = { path, text: `,"project_path":${quote(path, 'project_path')}` };
  }
  return newestProject.text;
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
      field('action_name', action_name) +
      field('trigger', trigger) +
      field('dev_env', dev_env) +
      field('env_name', env_name);
    newestSettings = { action_name, trigger, dev_env, env_name, text };
  }
  return newestSettings.text;
}

function quote(value: unknown, name: string): string {
  if (typeof value !== 'string') {
    throw new ThroughlineError('RECORD_INVALID', `${name} is not a string`);
  }
  return plainPattern.test(value) ? `"${value}"` : toAscii(JSON.stringify(value));
}

function encodeJson(value: object, name: string): string {
  return plainJson(value, plainDepthMax) ?? stringify(value, name);
}

/**
 * The text of a small object with nothing to escape and nothing to refuse, as nearly all are: looking at every value is
 * half of writing it. `undefined` for anything else, arrays included: that goes the long way.
 */
function plainJson(value: unknown, depthLeft: number): string | undefined {
  switch (typeof value) {
    case 'string':
      return plainPattern.test(value) ? `"${value}"` : undefined;
    case 'number':
      return Number.isFinite(value) ? `${value}` : undefined;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return depthLeft < plainDepthMax ? 'null' : undefined;
      return depthLeft > 0 && Object.getPrototypeOf(value) === Object.prototype
        ? plainObject(value as JsonObject, depthLeft - 1)
        : undefined;
    default:
      return undefined;
  }
}

function plainObject(value: JsonObject, depthLeft: number): string | undefined {
  let text = '';
  for (const key in value) {
    const member = value[key];
    if (member === undefined) continue;
    const json = plainJson(member, depthLeft);
    if (json === undefined || !plainPattern.test(key) || !Object.hasOwn(value, key))
      return undefined;
    text += text === '' ? `"${key}":${json}` : `,"${key}":${json}`;
  }
  return `{${text}}`;
}

function stringify(value: object, name: string): string {
  checkJson(value, name, 0);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new ThroughlineError('RECORD_INVALID', `${name} cannot be written as JSON`, { cause });
  }
  if (text === undefined || !text.startsWith(name === 'links' ? '[' : '{')) {
    throw new ThroughlineError(
      'RECORD_INVALID',
      `${name} is not ${name === 'links' ? 'an array' : 'an object'}`,
    );
  }
  return toAscii(text);
}

/** JSON.stringify turns NaN into null and leaves out functions without a word; a journal must not. */
function checkJson(value: unknown, name: string, depth: number): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return;
    case 'number':
      if (Number.isFinite(value)) return;
      break;
    case 'object':
      if (value === null) return;
      if (depth === depthMax) break;
      // Not `Object.values`: it would copy every payload.
      for (const key in value) checkJson((value as JsonObject)[key], name, depth + 1);
      return;
    default:
  }
  throw new ThroughlineError(
    'RECORD_INVALID',
    `${name} holds what JSON cannot: ${depth === depthMax ? 'more than 32 levels' : String(value)}`,
  );
}

function toAscii(json: string): string {
  unprintable.lastIndex = 0;
  if (!unprintable.test(json)) return json;
  return json.replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The reading in an encoded body: it is the last field. */
export function hlcOf(body: string): Hlc | undefined {
  return parseHlc(body.slice(-14, -1));
}

/** `000` to `999`. */
const thousand: readonly string[] = Array.from({ length: 1000 }, (_, value) =>
  String(value).padStart(3, '0'),
);
let cachedSecond = Number.NaN;
let cachedText = '';

/** `2026-11-21T14:02:11.480123Z`. */
export function formatTime(microseconds: number): string {
  const second = Math.floor(microseconds / 1_000_000);
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedText = new Date(second * 1000).toISOString().slice(0, 20);
  }
  const rest = microseconds - second * 1_000_000;
  return `${cachedText}${thousand[Math.floor(rest / 1000)]}${thousand[rest % 1000]}Z`;
}
