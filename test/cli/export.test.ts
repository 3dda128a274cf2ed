import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headersOf } from '../../src/cli/export/headers.js';
import { commands } from '../../src/cli/table.js';
import { formats } from '../../src/export/index.js';
import { startCollector, taken, type FakeCollector } from '../export/collector.js';
import { readProtobuf } from '../export/otlp-reader.js';
import { writeExportCorpus } from '../support/export-corpus.js';
import { generate } from '../support/generate.mjs';
import { bin, plainEnv, start, throughline } from './bin.js';
import { call } from './in-process.js';

let place = '';
let root = '';
/** Enough to be in the middle of it. */
let large = '';
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'tl-cli-export-'));
  root = join(place, 'root');
  writeExportCorpus(root);
  large = join(place, 'large');
  generate(large, { streams: 4, requests: 3000, size: 'small' });
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

const all = ['--since', '2020-01-01'] as const;
let files = 0;
function newPath(): string {
  files += 1;
  return join(place, `out-${files}`);
}

function exported(...args: readonly string[]): ReturnType<typeof call> {
  return call('export', ...args, '--root', root);
}

describe('throughline export', () => {
  it('offers the formats and tables that there are', () => {
    const command = commands.find(({ name }) => name === 'export');
    const offered = (option: string): readonly string[] | undefined =>
      command?.options.find(({ name }) => name === option)?.values?.toSorted();
    expect(offered('format')).toEqual(formats.map(({ name }) => name).toSorted());
    expect(offered('table')).toEqual(['effects', 'records', 'requests', 'runs']);
  });

  it('is written down format by format as the table has it', () => {
    const page = readFileSync(new URL('../../docs/export.md', import.meta.url), 'utf8');
    const rows = page
      .split('\n')
      .filter((line) => /^\| `[a-z-]+` .*\| (?:yes|refused) /.test(line));
    expect(
      rows.map((row) =>
        row
          .split('|')
          .map((cell) => cell.trim())
          .slice(1, -1),
      ),
    ).toEqual(
      formats.map(({ name, help, isBinary, hasTables, message }) => [
        `\`${name}\``,
        help,
        isBinary ? 'refused' : 'yes',
        hasTables ? 'yes' : '',
        message === undefined ? '' : 'yes',
      ]),
    );
  });

  it('writes what was asked for to stdout and what it was read from to stderr', async () => {
    const { stdout, stderr, code } = await exported('--format', 'csv', ...all);
    expect(stdout.split('\n').length).toBeGreaterThan(38);
    expect(stderr).toMatch(
      /^throughline: 17 requests, 38 spans, 38 rows as csv · 7 streams: 4 complete, 1 torn, .*\n$/,
    );
    expect(code).toBe(0);
  });

  it('takes several requests, each once', async () => {
    const asked = ['RETRY01', '01KAM8VJ5Q3Z9S0V4T0RETRY01', 'CANCE11'];
    const { stdout } = await exported('--format', 'jsonl', '--table', 'requests', ...asked);
    const ids = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { correlation_id: string }).correlation_id.slice(-7));
    expect(ids).toEqual(['RETRY01', 'CANCE11']);
  });

  it('takes matches of requests', async () => {
    const { stderr } = await exported('--format', 'otlp-json', 'state=failed', 'via=mcp');
    expect(stderr).toMatch(/^throughline: 1 request, 4 spans as otlp-json /);
  });

  it('takes matches of records where records are wanted', async () => {
    const asked = ['--format', 'jsonl', '--table', 'records', 'event_type=effect.applied'];
    const { stdout, stderr } = await exported(...asked);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(stderr).toMatch(/^throughline: 3 rows as jsonl · 7 streams: /);
  });

  it('has the records of one request, and of it only', async () => {
    const asked = ['--format', 'jsonl', '--table', 'records', 'RETRY01'];
    const { stdout } = await exported(...asked);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event_type: string }).event_type);
    expect(events).toHaveLength(15);
    expect(events[0]).toBe('run.accepted');
    expect(events.at(-1)).toBe('run.completed');
  });

  it.each([
    ['--format is missing', ['@0']],
    ['no format is called "pdf"', ['--format', 'pdf', '@0']],
    ['Give RUN, such as @0, or --since TIME', ['--format', 'csv']],
    ['otlp has no tables', ['--format', 'otlp', '--table', 'runs', '@0']],
    ['no table is called "spans"', ['--format', 'csv', '--table', 'spans', '@0']],
    ['csv cannot be sent to a URL', ['--format', 'csv', '@0', '--to', 'http://127.0.0.1:1']],
    ['--to takes http:// and https://', ['--format', 'otlp', '@0', '--to', 'ftp://h/x']],
    ['--to is empty', ['--format', 'csv', '@0', '--to', '']],
    ['--to has a password in it', ['--format', 'otlp', '@0', '--to', 'http://me:pw@h/']],
    ['--header is of a URL', ['--format', 'otlp', '@0', '--header', 'a=b']],
    ['takes KEY=VALUE', ['--format', 'otlp', '@0', '--to', 'http://h/', '--header', 'secret']],
  ])('refuses in one sentence: %s', async (sentence, args) => {
    const failed = exported(...args);
    await expect(failed).rejects.toMatchObject({ name: 'UsageError' });
    await expect(failed).rejects.toThrow(sentence);
  });

  it('refuses to put a binary format on a terminal, and nothing else', async () => {
    Object.defineProperty(process.stdout, 'isTTY', { value: true, configurable: true });
    try {
      await expect(exported('--format', 'otlp', ...all)).rejects.toThrow(
        'otlp is no text: give --to FILE, or send it into a file or pipe',
      );
      const { stdout } = await exported('--format', 'csv', ...all);
      // What a terminal would act upon is replaced there, and newlines are the format's.
      expect(stdout).not.toContain('\u2028');
      expect(stdout).toContain('1;\té漢😀\ufffd');
    } finally {
      Reflect.deleteProperty(process.stdout, 'isTTY');
    }
  });
});

describe('into a file', () => {
  it('writes all of it, for its owner', async () => {
    const to = newPath();
    const { stdout, code } = await exported('--format', 'otlp', ...all, '--to', to);
    expect([stdout, code]).toEqual(['', 0]);
    expect(readProtobuf(readFileSync(to)).spans).toHaveLength(38);
    expect(statSync(to).mode & 0o777).toBe(0o600);
  });

  it('replaces what was there, behind a symbolic link too', async () => {
    const [real, link] = [newPath(), newPath()];
    writeFileSync(real, 'before');
    symlinkSync(real, link);
    await exported('--format', 'csv', 'CANCE11', '--to', link);
    expect(readFileSync(real, 'utf8')).toMatch(/^correlation_id/);
    expect(readdirSync(place).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it.each([
    ['is inside the root', () => join(root, 'out.csv')],
    ['is inside the root', () => join(root, 'wal', 'wm', '..', 'out.csv')],
    ['is a directory: name a file in it', () => place],
    ['is no regular file', () => '/dev/null'],
    ['its directory does not exist', () => join(place, 'nowhere', 'out.csv')],
  ])('refuses what is none: %s', async (sentence, to) => {
    await expect(exported('--format', 'csv', ...all, '--to', to())).rejects.toThrow(sentence);
  });

  it('refuses a way into the root through a symbolic link', async () => {
    const link = newPath();
    symlinkSync(join(root, 'wal'), link);
    const to = join(link, 'out.csv');
    await expect(exported('--format', 'csv', ...all, '--to', to)).rejects.toThrow(
      'is inside the root',
    );
    expect(existsSync(to)).toBe(false);
  });

  it('leaves what was there, and exits with 1, when the disk takes no more', () => {
    const directory = join(place, 'full');
    mkdirSync(directory);
    const to = join(directory, 'out.csv');
    writeFileSync(to, 'old');
    // 8 blocks of 512 or 1024 bytes, whichever the shell counts in; the export has 21 kB.
    const args = ['export', '--format', 'csv', ...all, '--root', root, '--to', to];
    const { code, stderr } = inShell('ulimit -f 8; exec "$0" "$@"', args);
    expect(stderr).toBe(
      `throughline: ${to} could not be written (EFBIG): it is as it was before\n`,
    );
    expect(code).toBe(1);
    expect(readdirSync(directory)).toEqual(['out.csv']);
    expect(readFileSync(to, 'utf8')).toBe('old');
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const directory = join(place, 'interrupted');
    mkdirSync(directory);
    const to = join(directory, 'out.csv');
    const child = start(['export', '--format', 'csv', ...all, '--to', to, '--root', large]);
    const deadline = Date.now() + 15_000;
    while (readdirSync(directory).length === 0 && Date.now() < deadline) await turn();
    child.kill('SIGTERM');
    await child.ended;
    // Whether it was stopped or was quicker: there is nothing, or all of it.
    const left = readdirSync(directory);
    expect([[], ['out.csv']]).toContainEqual(left);
    for (const name of left) {
      expect(readFileSync(join(directory, name), 'utf8').split('\n')).toHaveLength(3002);
    }
  });
});

function turn(): Promise<void> {
  return new Promise((wake) => {
    setTimeout(wake, 2);
  });
}

/** The built command line below a script, which gets it as `"$0" "$@"`. */
function inShell(script: string, args: readonly string[]): { code: number | null; stderr: string } {
  const argv = ['-c', script, process.execPath, bin, ...args];
  const done = spawnSync('bash', argv, { encoding: 'utf8', env: plainEnv });
  return { code: done.status, stderr: done.stderr };
}

describe('to a collector', () => {
  let fake: FakeCollector | undefined;

  async function send(
    react?: Parameters<typeof startCollector>[0],
    ...more: readonly string[]
  ): ReturnType<typeof call> {
    fake = await startCollector(react);
    try {
      return await exported('--format', 'otlp', ...all, '--to', fake.url.href, ...more);
    } finally {
      await fake.close();
    }
  }

  it('sends all spans, and headers that are printed nowhere', async () => {
    process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'x-tenant=a%20b,authorization=old';
    try {
      const said = await send(undefined, '--header', 'Authorization=Bearer s3cret');
      expect(said.code).toBe(0);
      expect(said.stdout).toBe('');
      expect(said.stderr).toMatch(/^throughline: 17 requests, 38 spans as otlp · /);
      expect(said.stderr).not.toContain('s3cret');
    } finally {
      delete process.env['OTEL_EXPORTER_OTLP_HEADERS'];
    }
    const [message] = fake?.received ?? [];
    expect(message?.headers).toMatchObject({
      authorization: 'Bearer s3cret',
      'x-tenant': 'a b',
    });
    expect(readProtobuf(message?.body ?? Buffer.alloc(0)).spans).toHaveLength(38);
  });

  it('says what it rejected, and exits with 1', async () => {
    const { stderr, code } = await send((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"partialSuccess":{"rejectedSpans":"5","errorMessage":"too\\u001b[31m old"}}');
    });
    expect(stderr).toMatch(/\/v1\/traces rejected 5 spans and says "too\ufffd\[31m old"\n/);
    expect(code).toBe(1);
  });

  it('says why it takes nothing, and exits with 1', async () => {
    const { stderr, code } = await send((response) => {
      response.writeHead(404).end();
    });
    expect(stderr).toMatch(
      /^throughline: http:\/\/127\.0\.0\.1:\d+\/v1\/traces answered 404 \(is this a collector for OTLP over HTTP\? Its port is mostly 4318\); nothing was taken\n$/,
    );
    expect(code).toBe(1);
  });
});

describe('an interrupted export', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'to a collector ends of %s at once, and says how many messages were taken',
    async (signal) => {
      // The third is never answered.
      let child: ReturnType<typeof start> | undefined;
      const fake = await startCollector((response, index, request) => {
        if (index < 2) taken(response, index, request);
        else child?.kill(signal);
      });
      const args = ['export', '--format', 'otlp', ...all, '--root', large, '--to', fake.url.href];
      child = start(args);
      const { stderr, ...ended } = await child.ended;
      await fake.close();
      expect(ended).toEqual({ code: null, signal, stdout: '' });
      expect(stderr).toBe(
        `throughline: interrupted: 2 messages were taken, and one more may have been (${fake.url.href}v1/traces)\n`,
      );
    },
  );
});

describe('the process', () => {
  it('ends without a word when its reader has seen enough', () => {
    const args = ['export', '--format', 'csv', ...all, '--root', large];
    const script = 'set -o pipefail; "$0" "$@" | head -c 100 > /dev/null';
    expect(inShell(script, args)).toEqual({ code: 0, stderr: '' });
  });

  it('says that standard output took no more, also when that is a file', () => {
    const to = newPath();
    const args = ['export', '--format', 'jsonl', ...all, '--root', root];
    const { code, stderr } = inShell(`ulimit -f 8; exec "$0" "$@" > '${to}'`, args);
    expect(stderr).toBe('throughline: EFBIG: file too large, write\n');
    expect(code).toBe(3);
  });

  it('exits with 3 where there is nothing to read', () => {
    const { code, stdout, stderr } = throughline([
      'export',
      '--format',
      'csv',
      ...all,
      '--root',
      join(place, 'none'),
    ]);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^throughline: /);
  });
});

describe('headers', () => {
  it.each([
    [['a=b'], undefined, { a: 'b' }],
    [['A=b=c ', 'x= y'], '', { a: 'b=c', x: 'y' }],
    [['a=2'], 'a=1, b=%3D%2C', { a: '2', b: '=,' }],
    [[], 'a=%zz', { a: '%zz' }],
  ])('of %j and the variable %j are %j', (given, variable, headers) => {
    expect(headersOf(given, variable)).toEqual(headers);
  });

  it.each([['no-value'], ['=x'], ['a b=x'], ['a=b\r\nx: y'], ['a=\u0000']])(
    'refuses %j and does not repeat it',
    (given) => {
      expect(() => headersOf([given], undefined)).toThrow(/^--header (?!.*(?:no-value|x: y))/);
    },
  );
});
