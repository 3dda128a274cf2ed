/** Outline and splice, case by case: what is told of a message, and where exactly the bytes go. */
import { describe, expect, it } from 'vitest';
import { Context } from '../../../src/context/index.js';
import {
  findMember,
  idKey,
  outline,
  readMember,
  splice,
  type SpliceForm,
  type SpliceOptions,
} from '../../../src/protocol/index.js';
import { vectors } from '../../contract/vectors.js';

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const other = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03';
const bytes = (text: string): Buffer => Buffer.from(text);
const context = Context.begin();
const mine = context.traceparent;

/** What a message becomes, with our values spelled short. */
function spliced(text: string, form: SpliceForm, options: SpliceOptions = {}): string {
  const body = bytes(text);
  const result = splice(body, outline(body), form, context, options);
  if (result === body) return 'untouched';
  return String(result)
    .replaceAll(mine, 'MINE')
    .replaceAll(/"tl=[^"]*"/g, '"STATE"');
}

describe('the outline', () => {
  it.each([
    ['{"jsonrpc":"2.0","id":1,"method":"m"}', 'request', 'm', '1'],
    ['{"id":"a\\"b","method":"m\\/n"}', 'request', 'm/n', '"a\\"b"'],
    ['{"id":9007199254740993,"\\u006dethod":"m"}', 'request', 'm', '9007199254740993'],
    ['{"method":"m"}', 'notification', 'm', undefined],
    ['{"id":1,"result":{"method":"m"}}', 'response', undefined, '1'],
    ['{"id":null,"error":{}}', 'response', undefined, undefined],
    ['[{"id":1,"method":"m"}]', 'batch', undefined, undefined],
    ['{"id":null,"method":"m"}', 'other', 'm', undefined],
    ['{"id":1,"method":"m","result":1}', 'other', 'm', '1'],
    ['{"id":1,"method":7}', 'other', undefined, '1'],
    ['{"id":1}', 'other', undefined, '1'],
    ['\ufeff{"id":1,"method":"m"}', 'other', undefined, undefined],
    ['{"id":1,"method":"m"} x', 'other', 'm', '1'],
    ['{"id":1,"method":"m"', 'other', 'm', '1'],
    ['', 'other', undefined, undefined],
    ['"text"', 'other', undefined, undefined],
  ])('of %s is %s', (text, kind, method, id) => {
    expect(outline(bytes(text))).toMatchObject({ kind, method, id });
  });

  it.each([
    '01',
    '1.',
    '.5',
    '-',
    '1e',
    '1e+',
    '+1',
    'tru',
    'nulll',
    'True',
    '[1,]',
    '[,1]',
    '[1 2]',
    '{"a":1,}',
    '{,}',
    '{"a" 1}',
    '{"a":}',
    '{1:1}',
    '[1}',
    '{"a":1]',
    '"open',
    "'a'",
    'undefined',
    'NaN',
    '[1]]',
  ])('takes %s in params for no JSON', (value) => {
    const text = `{"id":1,"method":"m","params":{"a":${value}}}`;
    expect(() => void JSON.parse(text)).toThrow();
    expect(outline(bytes(text)).kind).toBe('other');
  });

  it.each([
    '0',
    '-0',
    '-1.5e-7',
    '1E+400',
    'true',
    '[]',
    '{}',
    '[[],{}]',
    '""',
    '"\\\\"',
    ' [ 1 , 2 ] ',
  ])('takes %s in params for JSON', (value) => {
    expect(outline(bytes(`{"id":1,"method":"m","params":{"a":${value}}}`)).kind).toBe('request');
  });

  it('of a message 100,000 levels deep is read like any other', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(outline(bytes(`{"id":1,"method":"m","params":${deep}}`)).kind).toBe('request');
    expect(outline(bytes(`{"id":1,"method":"m","params":${deep}]}`)).kind).toBe('other');
  });

  it('finds the first valid carrier, and the token of its progress', () => {
    const found = outline(
      bytes(
        `{"id":1,"method":"m","_meta":{"traceparent":"bad"},"params":{"_meta":{"traceparent":"${parent}","progressToken":"t"},"_traceparent":"${other}"}}`,
      ),
    );
    expect(found.carrierPlace).toBe('params-meta');
    expect(found.carrier).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c' });
    expect(found.progressToken).toBe('"t"');
  });

  it.each([1, 2, 3, 4, 5])('ends a long string behind %i backslashes as a parser does', (count) => {
    const text = `"${'x'.repeat(100)}${'\\'.repeat(count)}","b":"${'y'.repeat(100)}"`;
    const message = `{"id":1,"method":"m","params":{"a":${text}}}`;
    let isJson = true;
    try {
      JSON.parse(message);
    } catch {
      isJson = false;
    }
    expect(isJson).toBe(count % 2 === 0);
    expect(outline(bytes(message)).kind).toBe(isJson ? 'request' : 'other');
  });

  it('takes the last of two params, as parsers do, and says that there were two', () => {
    const found = outline(
      bytes(`{"id":1,"method":"m","params":{"_meta":{"traceparent":"${parent}"}},"params":{}}`),
    );
    expect(found).toMatchObject({ isAmbiguous: true, paramsMeta: 'absent', carrier: undefined });
  });

  it('gives ids that are one id one key, and others not', () => {
    expect(idKey('1')).toBe('1');
    expect(idKey('"1"')).toBe('"1"');
    expect(idKey('1.0')).toBe('1');
    expect(idKey('"\\u0061"')).toBe('"a"');
    expect(idKey('9007199254740993')).toBe('9007199254740993');
  });
});

describe('a splice', () => {
  const carrier = '"traceparent":"MINE","tracestate":"STATE"';

  it.each<readonly [string, SpliceForm, SpliceOptions, string, string]>([
    ['in front', 'meta', {}, '{"id":1,"method":"m"}', `{"_meta":{${carrier}},"id":1,"method":"m"}`],
    ['in front', 'w3c', {}, '{ "id":1,"method":"m"}', `{${carrier}, "id":1,"method":"m"}`],
    [
      'into what is there',
      'meta',
      {},
      '{"id":1,"method":"m","_meta":{"a":1}}',
      `{"id":1,"method":"m","_meta":{${carrier},"a":1}}`,
    ],
    [
      'into what is empty',
      'meta',
      {},
      '{"id":1,"method":"m","_meta":{ }}',
      `{"id":1,"method":"m","_meta":{${carrier} }}`,
    ],
    [
      'into params',
      'params-meta',
      {},
      '{"id":1,"method":"m","params":{"a":1}}',
      `{"id":1,"method":"m","params":{"_meta":{${carrier}},"a":1}}`,
    ],
    [
      'into params that are empty',
      'params-meta',
      {},
      '{"id":1,"method":"m","params":{}}',
      `{"id":1,"method":"m","params":{"_meta":{${carrier}}}}`,
    ],
    [
      'into params that are made',
      'params-meta',
      { createParams: true },
      '{"id":1,"method":"m"}',
      `{"params":{"_meta":{${carrier}}},"id":1,"method":"m"}`,
    ],
    [
      'into a notification where asked',
      'w3c',
      { notifications: true },
      '{"method":"m"}',
      `{${carrier},"method":"m"}`,
    ],
    [
      'in the place of an invalid carrier',
      'meta',
      {},
      '{"id":1,"method":"m","_meta":{"tracestate":"b=1","a":1,"traceparent":"bad"}}',
      '{"id":1,"method":"m","_meta":{"tracestate":"STATE","a":1,"traceparent":"MINE"}}',
    ],
    [
      'in the place of a valid one that is continued, wherever it stands',
      'meta',
      { replace: true },
      `{"id":1,"method":"m","params":{"_meta":{"traceparent":"${parent}"}}}`,
      '{"id":1,"method":"m","params":{"_meta":{"tracestate":"STATE","traceparent":"MINE"}}}',
    ],
  ])('goes %s (%s)', (_, form, options, text, expected) => {
    expect(spliced(text, form, options)).toBe(expected);
  });

  it.each<readonly [string, SpliceForm, string]>([
    ['a response', 'meta', '{"id":1,"result":{}}'],
    ['a notification', 'meta', '{"method":"m"}'],
    ['a batch', 'meta', '[{"id":1,"method":"m"}]'],
    ['params that are absent', 'params-meta', '{"id":1,"method":"m"}'],
    ['params that are null', 'params-meta', '{"id":1,"method":"m","params":null}'],
    ['params that are a list', 'params-meta', '{"id":1,"method":"m","params":[1]}'],
    ['a _meta that is null', 'meta', '{"id":1,"method":"m","_meta":null}'],
    ['a _meta that is text', 'params-meta', '{"id":1,"method":"m","params":{"_meta":"a"}}'],
    [
      'params that stand there twice',
      'params-meta',
      '{"id":1,"method":"m","params":{},"params":{}}',
    ],
    [
      'a _meta that stands there twice',
      'meta',
      '{"id":1,"_meta":{},"method":"m","\\u005fmeta":{}}',
    ],
    [
      'a valid carrier in _meta',
      'w3c',
      `{"id":1,"method":"m","_meta":{"traceparent":"${parent}"}}`,
    ],
    [
      'a valid carrier in params',
      'meta',
      `{"id":1,"method":"m","params":{"_traceparent":"${parent}"}}`,
    ],
  ])('leaves %s alone', (_, form, text) => {
    expect(spliced(text, form)).toBe('untouched');
  });

  it('mints no id for what is left alone', () => {
    const unminted = Context.begin();
    const body = bytes('{"id":1,"result":{}}');
    splice(body, outline(body), 'meta', unminted);
    expect(unminted.isMinted).toBe(false);
  });
});

describe('the contract’s messages', () => {
  it.each(vectors.messages_read.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const found = outline(bytes(JSON.stringify(one.message)));
    // What is no message is not looked into.
    const isMessage = found.kind === 'request' || found.kind === 'notification';
    const expected = isMessage ? one.out : null;
    expect(found.carrier?.traceId ?? null).toBe(expected?.trace_id ?? null);
    expect(found.carrier?.spanId ?? null).toBe(expected?.span_id ?? null);
    expect(found.carrier?.baggage).toBe(expected?.baggage);
  });

  const written = vectors.messages_written.filter(({ form }) => form !== 'finecode');
  it.each(written.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const body = bytes(JSON.stringify(one.message));
    const given = Context.begin({
      remote: {
        traceId: one.context.trace_id,
        spanId: one.context.span_id,
        flags: one.context.flags,
        tracestate: one.context.tracestate.map(([key, value]) => ({ key, value })),
        links: [],
        ...(one.context.baggage === undefined ? {} : { baggage: one.context.baggage }),
      } as never,
    });
    const result = splice(body, outline(body), one.form as SpliceForm, given, {
      notifications: true,
      createParams: true,
    });
    const shape = (value: unknown): string =>
      JSON.stringify(sorted(value))
        .replaceAll(one.context.span_id, given.spanId)
        .replaceAll(/tl=[^,"]*/g, 'tl');
    const expected = JSON.parse(JSON.stringify(one.out)) as unknown;
    expect(shape(JSON.parse(String(result))).replaceAll(/tl-links=[^,"]*,?/g, '')).toBe(
      shape(expected).replaceAll(/,?tl-links=[^,"]*/g, ''),
    );
  });
});

describe('one member', () => {
  const body = bytes(
    '{"params":{"a":{"b":"\\u00e9"},"a":{"b":7},"list":[1],"big":12345678901234567890}}',
  );

  it('is found by its path, the last of several', () => {
    expect(readMember(body, ['params', 'a', 'b'])).toBe(7);
    expect(findMember(body, ['params', 'list'])).toEqual({ start: 49, end: 52 });
    expect(readMember(body, ['params', 'list'])).toBeUndefined();
    expect(readMember(body, ['params', 'none'])).toBeUndefined();
    expect(readMember(body, ['params', 'a', 'b', 'c'])).toBeUndefined();
    expect(readMember(bytes('[1]'), ['a'])).toBeUndefined();
    expect(readMember(bytes('{}'), ['a'])).toBeUndefined();
  });
});

/** Keys in order, for comparing whatever the order is. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [two]) => (one < two ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
