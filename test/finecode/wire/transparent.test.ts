/** Any bytes in any chunks: through the proxy and back they are what they were. */
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { front, makeVenv, type Front, type Venv } from './wm.js';

let venv: Venv;
let proxy: Front;
beforeAll(async () => {
  venv = makeVenv();
  proxy = await front(venv, { wm: ['--echo'] });
});
afterAll(async () => {
  proxy.process.kill('SIGINT');
  await proxy.ended;
  venv.remove();
});

function framed(text: string, header = 'Content-Length: N\r\n\r\n'): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from(header.replace('N', String(body.length))), body]);
}

const messages: readonly Buffer[] = [
  framed(
    '{"jsonrpc": "2.0", "id": 1, "method": "client/initialize", "params": {"clientId": "lsp"}}',
  ),
  framed(
    '{"id":1.0,"method":"runners/list","params":{"x":NaN,"y":-Infinity,"z":0.0,"n":12345678901234567890}}',
  ),
  framed('{"method":"actions/run","params":{"actionSource":"a notification has no answer"}}'),
  framed('{"id":1,"method":"actions/run"}'),
  framed('{"id":1,"method":"actions/run","params":[1.0]}'),
  framed('{"id":1,"method":"actions/run","params":{} '),
  framed('{"id":1,"method":"actions/run","params":{"_traceparent":"a"},"params":{}}'),
  framed('[{"id":1,"method":"actions/run","params":{}}]'),
  framed('{"id":1,"result":{"method":"actions/run","params":{}}}'),
  framed(`{"method":"documents/opened","params":{"text":"${'é\\n'.repeat(40_000)}"}}`),
  framed(''),
  framed('no JSON at all'),
];

/** What our frames are not: from here on nothing is looked at. */
const strange: readonly Buffer[] = [
  framed('{"id":1,"method":"actions/run","params":{}}', 'content-length: N\r\n\r\n'),
  framed(
    '{"id":1,"method":"actions/run","params":{}}',
    'Content-Length: N\r\nContent-Type: x\r\n\r\n',
  ),
  framed('{"id":1,"method":"actions/run","params":{}}', 'Content-Length: N\n\n'),
  Buffer.from('Content-Length: 007x\r\n\r\n{}'),
  Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  Buffer.from([0, 255, 13, 10, 128]),
];

/** Deterministic, so that a failure comes again. */
function chunked(bytes: Buffer, seed: number): readonly Buffer[] {
  const chunks: Buffer[] = [];
  let state = seed;
  for (let at = 0; at < bytes.length;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    const size = state % 5 === 0 ? 1 + (state % 3) : 1 + (state % 30_000);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

function through(bytes: Buffer, seed: number): Promise<Buffer> {
  return new Promise((settle, failed) => {
    const socket = connect({ port: proxy.port, host: '127.0.0.1', noDelay: true });
    const back: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => back.push(chunk));
    socket.once('error', failed);
    socket.once('close', () => settle(Buffer.concat(back)));
    for (const chunk of chunked(bytes, seed)) socket.write(chunk);
    socket.end();
  });
}

it.each([1, 2, 3, 4, 5, 6])('messages that are no runs, in random chunks (%i)', async (seed) => {
  const order = messages.toSorted(
    (one, other) => ((one.length * seed) % 13) - ((other.length * seed) % 13),
  );
  const bytes = Buffer.concat([...order, ...messages]);
  expect((await through(bytes, seed)).equals(bytes)).toBe(true);
});

it.each(strange.map((bytes, index) => [index, bytes] as const))(
  'what is framed as FineCode does not, and all that follows it (%i)',
  async (index, bytes) => {
    const whole = Buffer.concat([
      ...messages,
      bytes,
      framed('{"id":1,"method":"actions/run","params":{}}'),
      Buffer.from('Content-Length: 10'),
    ]);
    expect((await through(whole, 40 + index)).equals(whole)).toBe(true);
  },
);

it('a frame that breaks off', async () => {
  for (const cut of [3, 16, 18, 21, 40]) {
    const bytes = framed('{"id":1,"method":"actions/run","params":{}}').subarray(0, cut);
    expect((await through(bytes, cut)).equals(bytes)).toBe(true);
  }
});

it('a frame that breaks off in a run is not made one', async () => {
  const run = framed('{"id":1,"method":"actions/run","params":{}}');
  const back = await through(Buffer.concat([run, run.subarray(0, 50)]), 7);
  const text = back.toString();
  expect(text.match(/_traceparent/g)).toHaveLength(1);
  expect(text.endsWith(run.subarray(0, 50).toString())).toBe(true);
});
