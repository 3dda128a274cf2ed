import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { exporter, jsonExporter } from '../../src/export/otlp/index.js';
import type { Answer } from '../../src/export/otlp/answer.js';
import { poster } from '../../src/export/otlp/post.js';
import { collector, tracesUrl } from '../../src/export/otlp/send.js';
import type { Story } from '../../src/read/index.js';
import { readExportCorpus, writeExportCorpus } from '../support/export-corpus.js';
import { startCollector, taken, type FakeCollector, type Reaction } from './collector.js';
import { readJson, readProtobuf } from './otlp-reader.js';

const root = mkdtempSync(join(tmpdir(), 'tl-send-'));
let story: Story;
beforeAll(async () => {
  writeExportCorpus(root);
  story = await readExportCorpus(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let fake: FakeCollector | undefined;
afterEach(async () => {
  await fake?.close();
  fake = undefined;
});

const protobuf = 'application/x-protobuf';

async function refuse(): Promise<Answer> {
  return { status: 403, contentType: '', retryAfter: undefined, body: new Uint8Array() };
}

const busy: Reaction = (response) => {
  response.writeHead(503).end();
};

const broken: Reaction = (_response, _index, request) => {
  request.socket.resetAndDestroy();
};

async function interrupted(): Promise<void> {
  throw new Error('interrupted');
}

interface Waits {
  /** The pauses that were asked for, in ms; nobody waits for them. */
  readonly pauses: number[];
  readonly options: Pick<Parameters<typeof collector>[0], 'wait' | 'nowMs' | 'random'>;
}

/** A clock that only pauses move. */
function quickClock(): Waits {
  const pauses: number[] = [];
  let nowMs = Date.UTC(2026, 0, 1);
  return {
    pauses,
    options: {
      nowMs: () => nowMs,
      random: () => 1,
      wait: async (ms) => {
        pauses.push(Math.round(ms));
        nowMs += ms;
      },
    },
  };
}

async function sendTo(react: Reaction, waits = quickClock()) {
  fake = await startCollector(react);
  const { url } = fake;
  const to = collector({ url, headers: {}, contentType: protobuf, ...waits.options });
  await to.sink.write('a message');
  return { said: await to.finish(), pauses: waits.pauses, received: fake.received };
}

describe('a collector', () => {
  test.each([
    ['otlp', exporter, protobuf, (body: Buffer) => readProtobuf(body)],
    ['otlp-json', jsonExporter, 'application/json', (body: Buffer) => readJson(body.toString())],
  ] as const)(
    'gets all spans as %s, compressed, with the headers',
    async (_n, send, type, read) => {
      fake = await startCollector();
      const to = collector({
        url: new URL('/base/', fake.url),
        headers: { authorization: 'Bearer secret' },
        contentType: type,
      });
      await send(story, to.sink);
      expect(await to.finish()).toEqual([]);
      const [message] = fake.received;
      expect(fake.received).toHaveLength(1);
      expect([message?.method, message?.url]).toEqual(['POST', '/base/v1/traces']);
      expect(message?.headers).toMatchObject({
        'content-type': type,
        'content-encoding': 'gzip',
        authorization: 'Bearer secret',
        'user-agent': 'throughline',
      });
      expect(read(message?.body ?? Buffer.alloc(0)).spans).toHaveLength(38);
    },
  );

  test.each([429, 502, 503, 504])(
    'that answers %i is asked again until it takes it',
    async (status) => {
      const { received, pauses, said } = await sendTo((response, index, request) => {
        if (index < 3) response.writeHead(status).end();
        else taken(response, index, request);
      });
      expect(received.map(({ body }) => body.toString())).toEqual(Array(4).fill('a message'));
      // Doubling; half of a pause is chance, of which the dice here give all.
      expect(pauses).toEqual([500, 1000, 2000]);
      expect(said).toEqual([]);
    },
  );

  test('says in seconds how long to wait, and is not asked earlier', async () => {
    const { pauses } = await sendTo((response, index, request) => {
      if (index === 0) response.writeHead(429, { 'retry-after': '7' }).end();
      else taken(response, index, request);
    });
    expect(pauses).toEqual([7250]);
  });

  test('says until when to wait, and is not asked earlier', async () => {
    const { pauses } = await sendTo((response, index, request) => {
      const at = new Date(Date.UTC(2026, 0, 1) + 5000).toUTCString();
      if (index === 0) response.writeHead(503, { 'retry-after': at }).end();
      else taken(response, index, request);
    });
    expect(pauses).toEqual([5250]);
  });

  test('that resets the connection is asked again', async () => {
    const { received, pauses } = await sendTo((response, index, request) => {
      if (index === 0) request.socket.resetAndDestroy();
      else taken(response, index, request);
    });
    expect(received).toHaveLength(2);
    expect(pauses).toEqual([500]);
  });

  test('that closes the connection in the middle of its answer is asked again', async () => {
    const { received } = await sendTo((response, index, request) => {
      if (index > 0) {
        taken(response, index, request);
        return;
      }
      response.writeHead(200, { 'content-length': '100' });
      response.write('{');
      response.socket?.end();
    });
    expect(received).toHaveLength(2);
  });

  test('that is busy for a minute is given up, and it says after what', async () => {
    const waits = quickClock();
    const failed = sendTo((response) => {
      response.writeHead(503).end();
    }, waits);
    await expect(failed).rejects.toMatchObject({
      code: 'EXPORT_FAILED',
      message: expect.stringMatching(
        /^http:\/\/127\.0\.0\.1:\d+\/v1\/traces did not take it \(status 503, tried 8 times\); nothing was taken$/,
      ),
    });
    expect(waits.pauses).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  });

  test('that asks to wait for longer than that is given up at once', async () => {
    const waits = quickClock();
    const failed = sendTo((response) => {
      response.writeHead(429, { 'retry-after': '3600' }).end();
    }, waits);
    await expect(failed).rejects.toThrow('(status 429, tried once, asks to wait 3600 s)');
    expect(waits.pauses).toEqual([]);
  });

  test.each([
    [
      400,
      'application/json',
      '{"code":3,"message":"bad trace id"}',
      'answered 400: "bad trace id"',
    ],
    // A google.rpc.Status: code 3, message "bad".
    [400, protobuf, '\u0008\u0003\u0012\u0003bad', 'answered 400: "bad"'],
    [401, 'text/html', '<h1>no</h1>', 'answered 401 (it wants to know who asks'],
    [404, 'text/plain', 'not here', 'answered 404 (is this a collector for OTLP over HTTP?'],
    [308, 'text/plain', '', 'answered 308 (redirects are not followed'],
    [413, 'text/plain', '', 'answered 413 (it takes less than a message has)'],
    [500, 'text/plain', '', 'answered 500; nothing was taken'],
    [200, 'text/html; charset=utf-8', '<p>', 'answered 200 with a web page (is this a collector'],
  ])(
    'that answers %i (%s) is not asked again, and it says why',
    async (status, type, body, says) => {
      const failed = sendTo((response) => {
        response.writeHead(status, { 'content-type': type, location: '/elsewhere' }).end(body);
      });
      await expect(failed).rejects.toThrow(says);
      expect(fake?.received).toHaveLength(1);
    },
  );

  test.each([
    [
      'application/json',
      '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}',
      'rejected 3 spans and says "too old"',
    ],
    ['application/json', '{"partialSuccess":{"rejectedSpans":1}}', 'rejected 1 span'],
    // partial_success { rejected_spans: 300, error_message: "old" }
    [
      protobuf,
      '\u000a\u0008\u0008\u00ac\u0002\u0012\u0003old',
      'rejected 300 spans and says "old"',
    ],
    [
      'application/json',
      '{"partialSuccess":{"errorMessage":"hm"}}',
      'rejected 0 spans and says "hm"',
    ],
  ])('that takes a part (%s %j) is told of', async (type, body, says) => {
    const { said } = await sendTo((response) => {
      response.writeHead(200, { 'content-type': type }).end(Buffer.from(body, 'latin1'));
    });
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(new RegExp(`/v1/traces ${says}$`));
  });

  test.each([
    ['', ''],
    ['application/json', ''],
    ['application/json', 'no json'],
    ['application/json', '[]'],
    [protobuf, '\u000a\u00ff'],
    [protobuf, '\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff'],
  ])('that takes it and says nothing that can be read (%s %j) has taken it', async (type, body) => {
    const { said } = await sendTo((response) => {
      response.writeHead(200, { 'content-type': type }).end(Buffer.from(body, 'latin1'));
    });
    expect(said).toEqual([]);
  });

  test('that answers without end is not listened to without end', async () => {
    const { said } = await sendTo((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(Buffer.alloc(900_000, 0x20));
    });
    expect(said).toEqual([]);
  });

  test('that never stops answering has said that it took it', async () => {
    const { said } = await sendTo((response) => {
      response.on('error', () => undefined);
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(100_000, 0x20)));
      };
      response.on('drain', more);
      more();
    });
    expect(said).toEqual([]);
  });

  test('that does not answer is not waited for without end', async () => {
    fake = await startCollector(() => undefined);
    const { post, close } = poster(fake.url);
    const silent = post({ url: fake.url, headers: {}, body: Buffer.from('x'), postMsMax: 100 });
    await expect(silent).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    close();
  });

  test('that never ends its answer is not waited for without end', async () => {
    fake = await startCollector((response) => {
      response.writeHead(200).write('{');
    });
    const { post, close } = poster(fake.url);
    const slow = post({ url: fake.url, headers: {}, body: Buffer.from('x'), postMsMax: 100 });
    await expect(slow).rejects.toThrow();
    close();
  });

  test('that is quiet for longer than that is asked again', async () => {
    let tries = 0;
    const post = async (): Promise<Answer> => {
      tries += 1;
      if (tries === 1) throw Object.assign(new Error('x'), { code: 'ETIMEDOUT' });
      return { status: 200, contentType: '', retryAfter: undefined, body: new Uint8Array() };
    };
    const url = new URL('http://collector.example');
    const waits = quickClock();
    const to = collector({ url, headers: {}, contentType: protobuf, post, ...waits.options });
    await to.sink.write('x');
    expect([tries, waits.pauses]).toEqual([2, [500]]);
  });

  test('is told how much arrived when it fails in the middle', async () => {
    fake = await startCollector((response, index, request) => {
      if (index === 2) response.writeHead(400).end();
      else taken(response, index, request);
    });
    const to = collector({ url: fake.url, headers: {}, contentType: protobuf });
    await to.sink.write('one');
    await to.sink.write('two');
    await expect(to.sink.write('three')).rejects.toThrow(
      'answered 400; 2 messages before it were taken',
    );
    await to.abandon();
  });

  test('that is slow to take is waited for no longer than five minutes in all', async () => {
    const waits = quickClock();
    // Takes each message at the fifth try, after 7.5 s of pauses.
    fake = await startCollector((response, index, request) => {
      if (index % 5 < 4) response.writeHead(503).end();
      else taken(response, index, request);
    });
    const { url } = fake;
    const to = collector({ url, headers: {}, contentType: protobuf, ...waits.options });
    for (let message = 0; message < 40; message += 1) await to.sink.write('one');
    await expect(to.sink.write('the 41st')).rejects.toThrow(
      'did not take it (status 503, tried once, 300 s on messages before it); 40 messages before it were taken',
    );
    await to.abandon();
  });

  test.each([
    [0, taken, '1 message was taken'],
    [1, taken, '2 messages were taken'],
    [1, busy, '1 message was taken'],
    [0, busy, 'nothing was taken'],
    [0, broken, 'nothing was taken, and one more may have been'],
    [1, broken, '1 message was taken, and one more may have been'],
  ])('that has taken %i can be asked at any time what it took', async (before, react, said) => {
    fake = await startCollector((response, index, request) => {
      (index < before ? taken : react)(response, index, request);
    });
    const { url } = fake;
    const to = collector({ url, headers: {}, contentType: protobuf, wait: interrupted });
    expect(to.soFar()).toBe(`nothing was taken (${url.href}v1/traces)`);
    for (let message = 0; message < before; message += 1) await to.sink.write('one');
    await to.sink.write('another').catch(() => undefined);
    expect(to.soFar()).toBe(`${said} (${url.href}v1/traces)`);
    await to.abandon();
  });

  test('that nobody is at is tried again for a minute', async () => {
    const gone = await startCollector();
    await gone.close();
    const waits = quickClock();
    const to = collector({ url: gone.url, headers: {}, contentType: protobuf, ...waits.options });
    await expect(to.sink.write('x')).rejects.toThrow(
      'did not take it (ECONNREFUSED, tried 8 times)',
    );
    await to.abandon();
  });

  test.each([
    'ENOTFOUND',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'EPROTO',
  ])('whose connection fails with %s is not tried again', async (code) => {
    let tries = 0;
    const post = async (): Promise<Answer> => {
      tries += 1;
      throw Object.assign(new Error('x'), { code });
    };
    const url = new URL('https://collector.example');
    const to = collector({
      url,
      headers: {},
      contentType: protobuf,
      post,
      ...quickClock().options,
    });
    await expect(to.sink.write('x')).rejects.toThrow(
      `https://collector.example/v1/traces cannot be reached (${code}); nothing was taken`,
    );
    expect(tries).toBe(1);
  });

  test('is never named with what may be secret in its address', async () => {
    const url = new URL('https://collector.example/v1/traces?token=secret');
    const to = collector({
      url,
      headers: { authorization: 'secret' },
      contentType: protobuf,
      post: refuse,
    });
    await expect(to.sink.write('x')).rejects.toThrow(/^(?!.*secret).*answered 403/);
  });
});

test.each([
  ['http://h:4318', 'http://h:4318/v1/traces'],
  ['http://h:4318/', 'http://h:4318/v1/traces'],
  ['http://h/otlp/', 'http://h/otlp/v1/traces'],
  ['http://h/v1/traces', 'http://h/v1/traces'],
  ['https://h/in/v1/traces?key=1#x', 'https://h/in/v1/traces?key=1'],
])('traces for %s go to %s', (given, url) => {
  expect(tracesUrl(new URL(given)).href).toBe(url);
});
