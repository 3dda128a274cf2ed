/**
 * Random sessions through what the LSP and JSON-RPC proxies do to a client's bytes, cut anywhere. What comes out is
 * judged by JSON.parse and by the bytes, never by the code under test. Set PROXY_SEED to repeat a run.
 */
import { expect, test } from 'vitest';
import { rewritingGate, type MessageFraming } from '../../../adapters/proxies/json-rpc-gate.js';
import { stamper, type Inject } from '../../../adapters/proxies/json-rpc-stamp.js';
import { lspFront } from '../../../adapters/proxies/lsp-front.js';
import { processClock } from '../../../src/context/index.js';
import type { Rewrite } from '../../../src/protocol/index.js';
import { random, writeMessage, type Written } from '../splice/messages.js';

const sessions = 2000;
const seed = Number(process.env['PROXY_SEED'] ?? Date.now() % 0x7fffffff);
const injects: readonly Inject[] = ['meta', 'w3c', 'params-meta', 'none'];
type Pick = (below: number) => number;
type Fields = Record<string, unknown>;

/** A message with a method that the proxy for LSP treats in a way of its own. */
function special(pick: Pick): Written {
  const texts = ['', 'é ✓ 𝄞', '"quoted\\', '\r\n\t', '\u2028', 'x'.repeat(pick(300))];
  const text = texts[pick(texts.length)] ?? '';
  const id = ['"', 'i'.repeat(pick(6) === 0 ? 2000 : pick(900)), '"'].join('');
  const long = (): string =>
    (text === '' ? 'line\r\n' : text).repeat(1 + pick(20_000)).slice(0, 3e5);
  const made: readonly (() => readonly [string, unknown])[] = [
    () => ['initialize', { clientInfo: { name: `editor ${pick(3)}` } }],
    () => ['initialize', {}],
    () => ['workspace/executeCommand', { arguments: [text], command: `c${pick(9)}` }],
    () => ['$/progress', { token: text }],
    () => ['shutdown', undefined],
    () => ['textDocument/didChange', { text, contentChanges: [{ text }] }],
    () => [`x/${pick(400)}`, { a: text }],
    () => ['textDocument/didOpen', { text: long() }],
  ];
  const [method, params] = made[pick(pick(4) === 0 ? 8 : 7)]?.() ?? ['m', {}];
  const isRequest = pick(2) === 0;
  const members = [
    ...(isRequest ? [`"id":${id}`] : []),
    `"method":${JSON.stringify(method)}`,
    ...(params === undefined ? [] : [`"params":${JSON.stringify(params)}`]),
  ];
  const isLong = isRequest && id.length > 1024;
  return {
    text: `{"jsonrpc":"2.0",${members.join(',')}}`,
    // An id longer than 1 KiB is nobody's: such a message goes on as it is.
    kind: isLong ? 'other' : isRequest ? 'request' : 'notification',
    isCarrying: false,
    isAmbiguous: false,
  };
}

/** The bytes of a session, cut into chunks that begin and end anywhere. */
function cut(wire: Buffer, pick: Pick): Buffer[] {
  const sizeMax = [1, 3, 40, 700, 65_536, wire.length][wire.length > 5000 ? 3 + pick(3) : pick(6)];
  const chunks: Buffer[] = [];
  for (let at = 0; at < wire.length;) {
    const end = at + 1 + pick(sizeMax ?? 1);
    chunks.push(wire.subarray(at, end));
    at = end;
  }
  return chunks;
}

const heads: readonly ((size: number) => string)[] = [
  (size) => `Content-Length: ${size}\r\n\r\n`,
  (size) => `content-length:${size}\n\n`,
  (size) => `Content-Type: a/b\r\nContent-Length: ${size}\r\n\r\n`,
];

function framed(text: string, framing: MessageFraming, pick: Pick): Buffer {
  const body = Buffer.from(text);
  if (framing === 'lines') return Buffer.concat([body, Buffer.from(pick(3) === 0 ? '\r\n' : '\n')]);
  const head = heads[pick(4) === 0 ? pick(3) : 0]?.(body.length) ?? '';
  return Buffer.concat([Buffer.from(head), body]);
}

/** As strict as it gets: one header, exactly so. */
function unframed(wire: Buffer, framing: MessageFraming): string[] {
  if (framing === 'lines') return wire.toString().split('\n').slice(0, -1);
  const bodies: string[] = [];
  for (let at = 0; at < wire.length;) {
    const match = /^Content-Length: (\d+)\r\n\r\n/.exec(wire.toString('latin1', at, at + 40));
    if (match === null) throw new Error(`no header at ${at}`);
    const start = at + match[0].length;
    at = start + Number(match[1]);
    bodies.push(wire.toString('utf8', start, at));
  }
  return bodies;
}

const jsonRpc = (inject: Inject): Rewrite =>
  stamper({
    inject,
    env: {},
    isLeftAlone: ({ method = '' }) => method.startsWith('$/'),
    stampOf: ({ method = '' }) => ({ origin: { front: 'json-rpc', method }, isOfMethod: true }),
  });

const carrier = /(?:"_meta":\{)?"traceparent":"(00-[^"]*)","tracestate":"(tl=[^"\\]*)"\}?,?/;
const parentShape = /^00-([0-9a-f]{12})([0-9a-f]{20})-([0-9a-f]{16})-03$/;
const stateShape = /^tl=([0-9A-F][0-9A-HJKMNP-TV-Z]{12})(?:;(.*))?$/;

/** What the client would have to see in every message, kept as the session goes. */
class Judge {
  readonly #isLsp: boolean;
  readonly #inject: Inject;
  #client = '';
  static readonly seen = new Set<string>();
  static clock: string = processClock().tick();
  static stamped = 0;

  constructor(isLsp: boolean, inject: Inject) {
    this.#isLsp = isLsp;
    this.#inject = inject;
  }

  /** What is wrong with `after`. */
  verdict(before: Written, after: string): string | undefined {
    const fields = this.#isCall(before) ? (JSON.parse(before.text) as Fields) : {};
    if (fields['method'] === 'initialize') this.#learn(fields);
    if (!this.#mustBeStamped(before, fields)) {
      return after === before.text ? undefined : 'touched';
    }
    const stampedFields = JSON.parse(after) as Fields;
    const mine = holder(stampedFields, this.#inject) ?? {};
    const { traceparent, tracestate } = mine;
    const wrong = this.#wrongCarrier(String(traceparent), String(tracestate), fields);
    if (wrong !== undefined) return wrong;
    const old = holder(fields, this.#inject) ?? {};
    const isInserted = old['traceparent'] === undefined && old['tracestate'] === undefined;
    if (isInserted && !isOneInsertion(before.text, after)) return 'other bytes changed';
    for (const message of [fields, stampedFields]) withoutOurs(message, this.#inject);
    Judge.stamped += 1;
    return JSON.stringify(fields) === JSON.stringify(stampedFields) ? undefined : 'other members';
  }

  #wrongCarrier(traceparent: string, tracestate: string, fields: Fields): string | undefined {
    const [, time = '', rest = '', span = ''] = parentShape.exec(traceparent) ?? [];
    if (Math.abs(Number.parseInt(time, 16) - Date.now()) > 60_000) return `time of ${traceparent}`;
    if (Judge.seen.has(time + rest) || Judge.seen.has(span)) return `seen before: ${traceparent}`;
    Judge.seen.add(time + rest).add(span);
    const [, clock = '', said = ''] = stateShape.exec(tracestate) ?? [];
    if (!(clock > Judge.clock)) return `clock of ${tracestate} behind ${Judge.clock}`;
    Judge.clock = clock;
    const expected = this.#saidOf(fields);
    return said === expected ? undefined : `says ${said}, not ${expected}`;
  }

  #saidOf({ method, params }: Fields): string {
    const isCommand = this.#isLsp && method === 'workspace/executeCommand';
    const name = isCommand ? (params as Fields)['command'] : '';
    const front = this.#isLsp ? 'lsp' : 'json-rpc';
    const parts = [front, method, name, this.#client].map((part) => encodeURI(String(part)));
    while (parts.at(-1) === '') parts.pop();
    return parts.join(';');
  }

  #learn({ params }: Fields): void {
    const info = (params as Fields | undefined)?.['clientInfo'] as Fields | undefined;
    const name = info?.['name'];
    if (this.#isLsp && this.#client === '' && typeof name === 'string') this.#client = name;
  }

  #isCall({ kind, isAmbiguous }: Written): boolean {
    return (kind === 'request' || kind === 'notification') && !isAmbiguous;
  }

  #mustBeStamped(message: Written, { method, params, _meta }: Fields): boolean {
    if (!this.#isCall(message) || message.isCarrying || this.#inject === 'none') return false;
    if (String(method).startsWith('$/') || (this.#isLsp && params === undefined)) return false;
    if (this.#inject === 'w3c') return true;
    if (this.#inject === 'meta') return _meta === undefined || isObject(_meta);
    return isObject(params) && (params['_meta'] === undefined || isObject(params['_meta']));
  }
}

function holder(message: Fields, inject: Inject): Fields | undefined {
  if (inject === 'w3c') return message;
  const outer = inject === 'meta' ? message : (message['params'] as Fields | undefined);
  return outer?.['_meta'] as Fields | undefined;
}

/** One of the four shapes of our text, taken out, leaves every byte as it was. */
function isOneInsertion(before: string, after: string): boolean {
  const [text = ''] = carrier.exec(after) ?? [];
  const at = after.indexOf(text);
  const [inner = ''] = /"traceparent":.*?"tracestate":"[^"]*"/.exec(text) ?? [];
  const shapes = [`"_meta":{${inner}},`, `"_meta":{${inner}}`, `${inner},`, inner];
  return shapes.some((shape) => {
    const start = after.indexOf(shape, at);
    return start !== -1 && after.slice(0, start) + after.slice(start + shape.length) === before;
  });
}

function withoutOurs(message: Fields, inject: Inject): void {
  const mine = holder(message, inject);
  delete mine?.['traceparent'];
  delete mine?.['tracestate'];
  const outer = inject === 'meta' ? message : message['params'];
  if (inject === 'w3c' || !isObject(outer)) return;
  if (isObject(outer['_meta']) && Object.keys(outer['_meta']).length === 0) delete outer['_meta'];
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

test(`${sessions} random sessions come out as they went in, but for the carriers (seed ${seed})`, () => {
  const pick = random(seed);
  let messages = 0;
  for (let count = 0; count < sessions; count += 1) {
    const isLsp = pick(2) === 0;
    const inject = injects[pick(4)] ?? 'meta';
    const wanted: MessageFraming = pick(3) === 0 ? 'lines' : 'content-length';
    const sent = Array.from({ length: 1 + pick(9) }, () =>
      pick(2) === 0 ? special(pick) : writeMessage(pick),
    ).filter(({ text }) => wanted !== 'lines' || (text !== '' && !text.includes('\n')));
    const wire = Buffer.concat(sent.map(({ text }) => framed(text, wanted, pick)));
    const out: Uint8Array[] = [];
    const stray: Uint8Array[] = [];
    const gate = rewritingGate({
      framing: pick(2) === 0 ? wanted : 'detect',
      rewrite: isLsp ? lspFront({ inject, env: {} }) : jsonRpc(inject),
      // Not copied: what was handed on must not change any more.
      write: (bytes) => out.push(bytes),
      stray: (bytes) => stray.push(bytes),
      messageBytesMax: 1e6,
      oversize: () => undefined,
    });
    for (const chunk of cut(wire, pick)) gate.push(chunk);
    gate.end();
    const judge = new Judge(isLsp, inject);
    const got = unframed(Buffer.concat(out), wanted);
    const say = `seed ${seed}, session ${count}, ${inject}, ${wanted}`;
    expect(stray.length, say).toBe(0);
    expect(got.length, say).toBe(sent.length);
    for (const [index, message] of sent.entries()) {
      const after = got[index]?.replace(/\r$/, wanted === 'lines' ? '' : '\r') ?? '';
      const wrong = judge.verdict(message, after);
      if (wrong !== undefined) {
        throw new Error(
          `${say}: ${wrong}: ${message.text.slice(0, 999)} became ${after.slice(0, 999)}`,
        );
      }
      messages += 1;
    }
  }
  // The sessions must not have drifted into messages that are all left alone.
  expect(messages).toBeGreaterThan(sessions * 3);
  expect(Judge.stamped).toBeGreaterThan(messages / 5);
}, 180_000);

const literal = [
  '{"jsonrpc":"2.0","id":1,"method":"a","params":{"text":"é\\r\\n\\"✓"}}',
  '{"id":9007199254740993,"method":"b","params":{"_meta":{},"n":1.0}}',
  '{"id":1,"result":{"method":"a"}}',
  '{"method":"c","_meta":{"k":1},"params":[1e400]}',
];
const C = '"traceparent":"P","tracestate":"S"';

test.each<readonly [Inject, readonly string[]]>([
  [
    'meta',
    [
      `{"_meta":{${C}},"jsonrpc":"2.0","id":1,"method":"a","params":{"text":"é\\r\\n\\"✓"}}`,
      `{"_meta":{${C}},"id":9007199254740993,"method":"b","params":{"_meta":{},"n":1.0}}`,
      '{"id":1,"result":{"method":"a"}}',
      `{"method":"c","_meta":{${C},"k":1},"params":[1e400]}`,
    ],
  ],
  [
    'w3c',
    [
      `{${C},"jsonrpc":"2.0","id":1,"method":"a","params":{"text":"é\\r\\n\\"✓"}}`,
      `{${C},"id":9007199254740993,"method":"b","params":{"_meta":{},"n":1.0}}`,
      '{"id":1,"result":{"method":"a"}}',
      `{${C},"method":"c","_meta":{"k":1},"params":[1e400]}`,
    ],
  ],
  [
    'params-meta',
    [
      `{"jsonrpc":"2.0","id":1,"method":"a","params":{"_meta":{${C}},"text":"é\\r\\n\\"✓"}}`,
      `{"id":9007199254740993,"method":"b","params":{"_meta":{${C}},"n":1.0}}`,
      '{"id":1,"result":{"method":"a"}}',
      '{"method":"c","_meta":{"k":1},"params":[1e400]}',
    ],
  ],
  ['none', literal],
])(
  'with --inject %s the same goes on wherever four messages are cut in two',
  (inject, expected) => {
    const wire = Buffer.concat(literal.map((text) => framed(text, 'content-length', () => 1)));
    for (let at = 0; at <= wire.length; at += 1) {
      let out = '';
      const gate = rewritingGate({
        framing: 'content-length',
        rewrite: lspFront({ inject, env: {} }),
        write: (bytes) => {
          out += Buffer.from(bytes).toString('latin1');
        },
        stray: () => expect.unreachable(),
        messageBytesMax: 1000,
        oversize: () => undefined,
      });
      gate.push(wire.subarray(0, at));
      gate.push(wire.subarray(at));
      gate.end();
      const bodies = unframed(Buffer.from(out, 'latin1'), 'content-length').map((body) =>
        body
          .replace(/"traceparent":"00-[0-9a-f]{32}-[0-9a-f]{16}-03"/, '"traceparent":"P"')
          .replace(/"tracestate":"tl=[^"]{13};lsp;[abc]"/, '"tracestate":"S"'),
      );
      expect(bodies, `cut at ${at}`).toEqual(expected);
    }
  },
);
