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
  const { wal_run_id, correlation_id, span_id, parent_span_id } = record;
  let text =
    beginning(record.event_type, record.project_path ?? projectPath) +
    encodeJson(record.payload ?? {}, 'payload');
  // Whether it ends in a text whose closing quote comes with what follows: a piece less for each field.
  let isOpen = false;
  if (wal_run_id !== undefined) {
    text = open(text, isOpen, runField, wal_run_id);
    isOpen = true;
  }
  const settings = settingFields(record);
  if (settings.first !== '') {
    text += isOpen ? settings.later : settings.first;
    isOpen = true;
  }
  if (correlation_id !== undefined) {
    text = open(text, isOpen, correlationField, correlation_id);
    isOpen = true;
  }
  if (span_id !== undefined) {
    text = open(text, isOpen, spanField, span_id);
    isOpen = true;
  }
  if (parent_span_id !== undefined) {
    text = open(text, isOpen, parentField, parent_span_id);
    isOpen = true;
  }
  if (isOpen) text += '"';
  return record.links === undefined && record.origin === undefined && record.peer === undefined
    ? text
    : text + rareFields(record);
}

function rareFields({ links, origin, peer }: RecordInput): string {
  let text = '';
  if (links !== undefined && links.length > 0) text += `,"links":${encodeJson(links, 'links')}`;
  if (origin !== undefined) text += `,"origin":${encodeJson(origin, 'origin')}`;
  if (peer !== undefined) text += `,"peer":${encodeJson(peer, 'peer')}`;
  return text;
}

/** How a text begins, its opening quote included: behind a value, and behind a text that is not closed yet. */
interface Start {
  readonly name: string;
  readonly first: string;
  readonly later: string;
}

function startOf(name: string): Start {
  return { name, first: joined(`,"${name}":"`), later: joined(`","${name}":"`) };
}

const runField = startOf('wal_run_id');
const correlationField = startOf('correlation_id');
const spanField = startOf('span_id');
const parentField = startOf('parent_span_id');

/** With one more field, whose text is not closed yet. */
function open(text: string, isOpen: boolean, start: Start, value: string): string {
  return text + (isOpen ? start.later : start.first) + escaped(value, start);
}

function escaped(value: string, { name }: Start): string {
  if (typeof value === 'string' && plainPattern.test(value)) return value;
  return quote(value, name).slice(1, -1);
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
const settingNames = ['action_name', 'trigger', 'dev_env', 'env_name'] as const;
const settingStarts = settingNames.map((name) => ({ name, start: startOf(name) }));
let newestSettings: Settings & Omit<Start, 'name'> = { first: '', later: '' };

/** What an action was run with: mostly as the record before it, and encoded when it changes. Not closed. */
function settingFields(record: RecordInput): Omit<Start, 'name'> {
  const { action_name, trigger, dev_env, env_name } = record;
  if (
    action_name !== newestSettings.action_name ||
    trigger !== newestSettings.trigger ||
    dev_env !== newestSettings.dev_env ||
    env_name !== newestSettings.env_name
  ) {
    let later = '';
    for (const { name, start } of settingStarts) {
      const value = record[name];
      if (value !== undefined) later += start.later + escaped(value, start);
    }
    newestSettings = {
      action_name,
      trigger,
      dev_env,
      env_name,
      first: joined(later.slice(1)),
      later: joined(later),
    };
  }
  return newestSettings;
}

/** The reading in an encoded body: it is the last field. */
export function hlcOf(body: string): Hlc | undefined {
  return parseHlc(body.slice(-14, -1));
}
