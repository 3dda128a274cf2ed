/** 200,000 random messages. Set SPLICE_SEED to repeat a run; the seed stands in each failure. */
import { expect, test } from 'vitest';
import { Context } from '../../../src/context/index.js';
import { outline, splice, type SpliceForm } from '../../../src/protocol/index.js';
import { random, validParent, writeMessage, type Written } from './messages.js';

const messages = 200_000;
const seed = Number(process.env['SPLICE_SEED'] ?? Date.now() % 0x7fffffff);
const forms: readonly SpliceForm[] = ['meta', 'w3c', 'params-meta'];

interface Tally {
  readonly stamped: number;
  readonly untouched: number;
}

test(`changes nothing but its own member in ${messages} random messages (seed ${seed})`, () => {
  const pick = random(seed);
  const context = Context.begin();
  let tally: Tally = { stamped: 0, untouched: 0 };
  for (let count = 0; count < messages; count += 1) {
    const message = writeMessage(pick);
    const form = forms[pick(3)] ?? 'meta';
    const options = { notifications: pick(2) === 0, createParams: pick(2) === 0 };
    const body = Buffer.from(message.text);
    const found = outline(body);
    const spliced = splice(body, found, form, context, options);
    const say = (what: string): string =>
      `seed ${seed}, message ${count}: ${what}, ${form} ${JSON.stringify(options)}: ${message.text}`;
    if (found.kind !== message.kind)
      throw new Error(say(`kind ${found.kind}, not ${message.kind}`));
    if (spliced === body) {
      if (mustBeStamped(message, form, options)) throw new Error(say('not stamped'));
      tally = { ...tally, untouched: tally.untouched + 1 };
      continue;
    }
    const wrong = whatIsWrong(message, body, spliced, form, context.traceparent, options);
    if (wrong !== undefined) throw new Error(`${say(wrong)} became ${String(spliced)}`);
    tally = { ...tally, stamped: tally.stamped + 1 };
  }
  // The generator must not have drifted into messages that are all left alone.
  expect(tally.stamped).toBeGreaterThan(messages / 5);
  expect(tally.untouched).toBeGreaterThan(messages / 5);
}, 180_000);

interface Options {
  readonly notifications: boolean;
  readonly createParams: boolean;
}
type Fields = Record<string, unknown>;

function mustBeStamped(message: Written, form: SpliceForm, options: Options): boolean {
  if (message.isCarrying || message.isAmbiguous) return false;
  if (message.kind !== 'request' && !(message.kind === 'notification' && options.notifications)) {
    return false;
  }
  const fields = JSON.parse(message.text) as Fields;
  if (form === 'w3c') return true;
  if (form === 'meta') return fields['_meta'] === undefined || isObject(fields['_meta']);
  const { params } = fields;
  if (params === undefined) return options.createParams;
  return isObject(params) && (params['_meta'] === undefined || isObject(params['_meta']));
}

function whatIsWrong(
  message: Written,
  body: Buffer,
  spliced: Uint8Array,
  form: SpliceForm,
  traceparent: string,
  options: Options,
): string | undefined {
  if (!mustBeStamped(message, form, options)) return 'touched';
  const before = JSON.parse(message.text) as Fields;
  const after = JSON.parse(Buffer.from(spliced).toString()) as Fields;
  const mine = holder(after, form);
  if (mine?.['traceparent'] !== traceparent) return 'not ours';
  const replaced = holder(before, form) ?? {};
  const isInserted = replaced['traceparent'] === undefined && replaced['tracestate'] === undefined;
  if (isInserted && !isOneInsertion(body, spliced)) return 'other bytes changed';
  withoutOurs(before, form);
  withoutOurs(after, form);
  if (JSON.stringify(before) !== JSON.stringify(after)) return 'another member changed';
  return String(spliced).includes(validParent) ? 'the generator lies' : undefined;
}

/** Where the form writes. */
function holder(message: Fields, form: SpliceForm): Fields | undefined {
  if (form === 'w3c') return message;
  const outer = form === 'meta' ? message : (message['params'] as Fields | undefined);
  return outer?.['_meta'] as Fields | undefined;
}

function withoutOurs(message: Fields, form: SpliceForm): void {
  const mine = holder(message, form);
  delete mine?.['traceparent'];
  delete mine?.['tracestate'];
  const params = message['params'];
  if (form === 'meta') deleteEmpty(message, '_meta');
  if (form !== 'params-meta') return;
  if (isObject(params)) deleteEmpty(params, '_meta');
  deleteEmpty(message, 'params');
}

function deleteEmpty(object: Fields, key: string): void {
  const value = object[key];
  if (isObject(value) && Object.keys(value).length === 0) delete object[key];
}

/** All bytes of the message are there, in one piece or in two. */
function isOneInsertion(before: Uint8Array, after: Uint8Array): boolean {
  let head = 0;
  while (head < before.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const shift = after.length - before.length;
  while (
    tail < before.length &&
    before[before.length - 1 - tail] === after[before.length + shift - 1 - tail]
  )
    tail += 1;
  return shift > 0 && head + tail >= before.length;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
