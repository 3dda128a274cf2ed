/** What a proxy passes on: the bytes it got, in order, one write for each message, and no more held than must be. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bin, plainEnv } from '../../cli/bin.js';
import { can } from '../../wal/support/child.js';
import { hasProc } from '../../support/process.js';
import { fixture, memoryMiB, proxyTo, until } from './proxy.js';

const { execPath: node } = process;
const mirror = [node, fixture('mirror.mjs')];
const mebibyte = 1024 * 1024;

async function mirrored(chunks: readonly (string | Buffer)[]): Promise<Buffer> {
  const proxy = proxyTo(mirror);
  for (const chunk of chunks) {
    if (!proxy.process.stdin.write(chunk)) {
      await new Promise((drained) => {
        proxy.process.stdin.once('drain', drained);
      });
    }
  }
  proxy.process.stdin.end();
  expect(await proxy.ended).toEqual({ code: 0, signal: null });
  expect(proxy.stderr()).toBe('');
  return proxy.stdout();
}

/** Deterministic bytes of every value, newlines among them. */
function noise(size: number): Buffer {
  return Buffer.from(
    Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 7)) & 255),
  );
}

describe.concurrent('a proxy passes on byte for byte', () => {
  it('lines ended by CRLF, empty lines, lines that are no JSON, and a last one without an end', async () => {
    const text =
      '\r\n\n{"jsonrpc":"2.0","id":1,"result":{}}\r\nListening on 3000\n  \n[]\n{"a":\n"no end';
    expect((await mirrored([text])).toString()).toBe(text);
  });

  it('responses, batches, messages that name their method twice, and params that are no object', async () => {
    const text = [
      '{"jsonrpc":"2.0","id":12345678901234567890,"result":{"n":1.0,"n":1e400}}',
      '{"jsonrpc":"2.0","id":"x","error":{"code":-1,"message":"\\u00e9"}}',
      '[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]',
      '{"jsonrpc":"2.0","id":1,"method":"a","method":"b","params":{}}',
      '{"jsonrpc":"2.0","id":1,"method":"a","params":null}',
      '{"jsonrpc":"2.0","id":1,"method":"a","params":[1]}',
      '{"jsonrpc":"2.0","id":1,"method":"a","params":{"_meta":null}}',
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      '',
    ].join('\n');
    expect((await mirrored([text])).toString()).toBe(text);
  });

  it('a megabyte of every byte there is, in chunks of odd sizes', async () => {
    const bytes = noise(mebibyte);
    const chunks: Buffer[] = [];
    for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7 + 3) % 40_009) {
      chunks.push(bytes.subarray(at, at + size));
    }
    expect((await mirrored(chunks)).equals(Buffer.concat(chunks))).toBe(true);
  });

  it('a message of ten megabytes, but for its context', async () => {
    const text = 'x'.repeat(10_000_000);
    const message = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"text":"${text}"}}}\n`;
    const back = (await mirrored([message])).toString();
    const inserted =
      /"_meta":\{"traceparent":"00-[0-9a-f]{32}-[0-9a-f]{16}-03","tracestate":"tl=[^"]*;mcp;tools\/call;a"\},/;
    expect(inserted.test(back)).toBe(true);
    expect(back.replace(inserted, '') === message).toBe(true);
  });
});

describe.runIf(hasProc).concurrent('memory stays bounded', () => {
  it('when a message is over 64 MiB: it passes unseen, and one line says so', async () => {
    const proxy = proxyTo(mirror);
    let bytesBack = 0;
    proxy.process.stdout.removeAllListeners('data').on('data', (chunk: Buffer) => {
      bytesBack += chunk.length;
    });
    const piece = Buffer.alloc(mebibyte, 'x');
    proxy.process.stdin.write('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"text":"');
    for (let index = 0; index < 300; index += 1) {
      await new Promise((written) => {
        proxy.process.stdin.write(piece, written);
      });
    }
    const highMiB = memoryMiB(proxy.pid, 'VmHWM');
    proxy.process.stdin.end('"}}\n');
    expect(await proxy.ended).toEqual({ code: 0, signal: null });
    expect(bytesBack).toBe(300 * mebibyte + 64 + 4);
    expect(proxy.stderr()).toBe(
      'throughline: 1 message was too large to be looked at, and passed on unchanged\n',
    );
    // 64 MiB are held until the limit is passed, and may wait for the garbage collector then; the rest is not held.
    expect(highMiB).toBeLessThan(260);
  }, 60_000);

  it('when the client does not read, and then it has everything', async () => {
    const proxy = proxyTo([...mirror, 'flood', '1600']);
    proxy.process.stdout.pause();
    const written = (): number => proxy.stderr().length;
    await until(
      () => written() > 0,
      () => 'it did not start',
    );
    for (let before = 0; before !== written();) {
      before = written();
      await new Promise((later) => {
        setTimeout(later, 500);
      });
    }
    // What the pipes hold on the way, and no more.
    expect(written()).toBeLessThan(40);
    expect(memoryMiB(proxy.pid, 'VmHWM')).toBeLessThan(90);
    proxy.process.stdout.resume();
    expect(await proxy.ended).toEqual({ code: 0, signal: null });
    expect(proxy.stdout().length).toBe(100 * mebibyte);
  }, 20_000);

  it('when the server does not read: the client is held up', async () => {
    const proxy = proxyTo([...mirror, 'deaf']);
    await until(
      () => proxy.stdout().toString() === 'ready\n',
      () => proxy.stderr(),
    );
    const line = `${'y'.repeat(mebibyte - 1)}\n`;
    for (let index = 0; index < 50; index += 1) proxy.process.stdin.write(line);
    await new Promise((later) => {
      setTimeout(later, 500);
    });
    expect(proxy.process.stdin.writableLength).toBeGreaterThan(40 * mebibyte);
    expect(memoryMiB(proxy.pid, 'VmHWM')).toBeLessThan(90);
    proxy.process.kill('SIGTERM');
    expect(await proxy.ended).toEqual({ code: null, signal: 'SIGTERM' });
  });
});

const hasStrace = can(
  'see what is written in one call',
  'strace',
  '-qq',
  '-o',
  '/dev/null',
  'true',
);

describe.runIf(hasStrace)('one write for each message', () => {
  it('also when the server wrote many in one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tl-writes-'));
    try {
      const trace = join(folder, 'trace');
      const command = [node, bin, 'proxy', 'mcp', '--', ...mirror, 'lines', '200'];
      const options = ['-qq', '-s', '64', '-e', 'trace=write,writev,sendmsg', '-o', trace];
      const ran = spawnSync('strace', [...options, ...command], { env: plainEnv, input: '' });
      expect(ran.status).toBe(0);
      // A full pipe or a signal may send a call back that has written nothing (`= -1 EAGAIN`, `= ? ERESTARTSYS`).
      const writes = readFileSync(trace, 'utf8')
        .split('\n')
        .filter((line) => line.includes('line ') && / = \d+$/.test(line));
      expect(writes).toHaveLength(200);
      expect(writes[7]).toMatch(/^write\(1, "line 7\\n", 7\)/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
