import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { correlation, StreamFile } from '../read/stream-file.js';
import { bin, plainEnv, throughline } from './bin.js';
import { call } from './in-process.js';
import { writeJournal } from './journal.js';

let scratch = '';
let root = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tl-usage-'));
  root = join(scratch, 'root');
  writeJournal(root);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** `records` finds its streams by another way than the others, which share theirs. */
const twoWays = ['inflight', 'records'];
const readers = [
  'runs',
  'show @0',
  'inflight',
  'records',
  'who a.ts',
  'failed',
  'stats',
  'reconcile',
  'critical-path @0',
  'diff @0 @-1',
  'replay @0',
  'replay @0 --at 1s',
  'bundle @0',
];

describe('a wrong command line', () => {
  it.each([
    [['walk'], 'no command is called "walk" (see throughline --help)'],
    [
      ['runz'],
      'no command is called "runz", did you mean "runs" or "run"? (see throughline --help)',
    ],
    [['status'], 'no command is called "status", did you mean "stats"? (see throughline --help)'],
    [
      ['help', 'install'],
      'no command is called "install", did you mean "finecode install"? (see throughline --help)',
    ],
    [
      ['version'],
      'no command is called "version", did you mean "--version"? (see throughline --help)',
    ],
    [['-v'], 'no command is called "-v", did you mean "-V"? (see throughline --help)'],
    [
      ['--root', '.', 'runs'],
      'the command comes first, and its options behind it (see throughline --help)',
    ],
    [['help', 'walk'], 'no command is called "walk" (see throughline --help)'],
    [
      ['proxy'],
      'no command is called "proxy", but "proxy mcp", "proxy lsp", "proxy json-rpc" and "proxy finecode" (see throughline --help)',
    ],
    [['runs', '--what'], 'runs has no option --what (see throughline runs --help)'],
    [
      ['runs', 'more'],
      '"more" is not FIELD=VALUE, such as state=failed: FIELD is a member of what --json prints',
    ],
    [
      ['runs', 'state=fialed'],
      'no state of a run is "fialed", did you mean "failed"? there are completed, failed, cancelled, rejected, in_flight, lost, unknown',
    ],
    [['inflight', '--limit', '0'], '--limit is a number from 1 on, or "all", not "0"'],
    [
      ['records', '--since', 'tea'],
      '--since takes 10m, 2h, 1d (ago), a time such as 2026-11-21T14:00, or a clock reading, not "tea"',
    ],
    [
      ['runs', '--since', '1h', '--until', '2h'],
      '--since is after --until: nothing can be between them',
    ],
    [
      ['runs', '--sinc', '1h'],
      'runs has no option --sinc, did you mean --since? (see throughline runs --help)',
    ],
    [
      ['runs', '-root', '.'],
      'runs has no option -r, did you mean --root? (see throughline runs --help)',
    ],
    [['show', '-1'], 'show has no option -1, did you mean @-1? (see throughline show --help)'],
    [['runs', '-n'], '--limit needs a value: --limit N (see throughline runs --help)'],
    [
      ['runs', '-n', '-1'],
      '--limit needs a value, and "-1" looks like an option: --limit=N (see throughline runs --help)',
    ],
    [
      ['records', '--since', '--json'],
      '--since needs a value, and "--json" looks like an option: --since=TIME (see throughline records --help)',
    ],
    [['runs', '--json=1'], '--json takes no value (see throughline runs --help)'],
    [
      ['doctor', '--finecode', '.'],
      'doctor looks at what throughline records: verify --finecode DIR looks at FineCode’s WAL, and finecode status --venv DIR at the hook',
    ],
    [
      ['where', '--finecode=.'],
      'where shows what throughline records: runs --finecode DIR reads FineCode’s WAL, and verify --finecode DIR lists its streams',
    ],
    [
      ['bundle', '@0', '--finecode', '.'],
      'a bundle holds what throughline recorded: show RUN --full --finecode DIR prints what FineCode’s WAL has of a request',
    ],
    [
      ['prune', '--finecode', '.'],
      'prune removes what throughline recorded: the files of FineCode’s WAL are FineCode’s to remove',
    ],
    [
      ['records', '-f', '--finecode', '.'],
      'records -f follows what throughline records: leave out -f for the records of FineCode’s WAL, or take runs -f or inflight -f, which read it again and again',
    ],
    [
      ['runs', '-n', '9999999999999999'],
      '--limit is a number from 1 on, or "all", not "9999999999999999"',
    ],
    [
      ['show', 'state=failed'],
      '"state=failed" is FIELD=VALUE, and here stands RUN: runs, records, inflight, stats and export take FIELD=VALUE',
    ],
    [
      ['diff', '@0', 'via=mcp'],
      '"via=mcp" is FIELD=VALUE, and here stands RUN: runs, records, inflight, stats and export take FIELD=VALUE',
    ],
    [['who', ''], 'PATH is empty: it names a file'],
    [
      ['export', '--format', 'otlp', '@0', '--to', 'localhost:4318'],
      '--to localhost:4318 would be a file: give --to http://localhost:4318, or --to ./localhost:4318',
    ],
    [
      ['export', '--format', 'otlp', '@0', '--to', '[::1]:4318/v1/traces'],
      '--to [::1]:4318/v1/traces would be a file: give --to http://[::1]:4318/v1/traces, or --to ./[::1]:4318/v1/traces',
    ],
    [['show', 'a', 'b'], 'there are too many arguments: throughline show RUN [--full]'],
    [['runs', '--root', ''], '--root is empty: it names a directory (see throughline runs --help)'],
    [
      ['verify', '--root='],
      '--root is empty: it names a directory (see throughline verify --help)',
    ],
    [['show'], 'an argument is missing: throughline show RUN [--full]'],
    [['who'], 'an argument is missing: throughline who PATH'],
    [['id', 'not-an-id'], '"not-an-id" is no ULID, no trace id and no traceparent'],
  ])('%j gets one sentence and exit code 2', (args, sentence) => {
    expect(throughline(args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `throughline: ${sentence}\n`,
    });
  });

  it('without any command gets the help on stderr and exit code 2', () => {
    const ran = throughline([]);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain('usage: throughline COMMAND');
  });

  const torn =
    ', but not everything could be read (4 streams: 3 complete, 1 torn · 1 attempt at a runner in no stream read)';
  it.each([
    ['nothing', `no recorded request is "nothing"${torn}`],
    ['@77', 'there is no @77: 7 requests are recorded'],
    ['x1', '"x1" is too short: give at least the last 4 characters of the id'],
    ['a\nb\u001b[31m', `no recorded request is "a?b?[31m"${torn}`],
  ])('RUN %j that is unknown gets one sentence and exit code 2', (reference, sentence) => {
    for (const command of ['show', 'records']) {
      expect(throughline([command, reference, '--root', root])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: `throughline: ${sentence}\n`,
      });
    }
  });
});

describe('a command', () => {
  it('says of a directory that effects are of files', async () => {
    const { stdout } = await call('who', scratch, '--root', root);
    expect(stdout).toContain(`${scratch} is a directory: name a file in it · 4 streams`);
  });

  it('takes a limit larger than any list', async () => {
    const all = await call('runs', '-n', 'all', '--root', root);
    expect(await call('runs', '-n', '99999999999999', '--root', root)).toEqual(all);
  });

  it('of a directory that is gone says so', () => {
    const gone = join(scratch, 'gone');
    mkdirSync(gone);
    const script = 'cd "$1" && rmdir "$1" && exec "$2" "$3" runs';
    const args = ['-c', script, 'bash', gone, process.execPath, bin];
    const ran = spawnSync('bash', args, { encoding: 'utf8', env: plainEnv });
    expect([ran.status, ran.stdout, ran.stderr]).toEqual([
      3,
      '',
      'throughline: the working directory is gone: cd to one that exists\n',
    ]);
  });
});

describe('a root', () => {
  it.each(['runs', 'verify', 'prune', 'where'])(
    'that is a file is called that by %s',
    (command) => {
      const file = join(scratch, 'file');
      writeFileSync(file, '');
      const ran = throughline([command, '--root', file]);
      expect(ran.code).toBe(3);
      expect(ran.stderr).toBe(`throughline: ${file} is not a directory\n`);
    },
  );

  it.each(readers)(
    'that is not there gets one sentence and exit code 3 from %s',
    async (command) => {
      const missing = join(scratch, 'missing');
      expect(await call(...command.split(' '), '--root', missing)).toEqual({
        code: 3,
        stdout: '',
        stderr: `throughline: ${missing} does not exist\n`,
      });
    },
  );

  it.each(readers)('that nobody named and nobody made says how to name one, in %s', (command) => {
    const home = join(scratch, 'home');
    const ran = throughline(command.split(' '), { XDG_STATE_HOME: home });
    expect(ran).toMatchObject({ code: 3, stdout: '' });
    expect(ran.stderr).toContain(`throughline: ${home}`);
    expect(ran.stderr).toContain('--root DIR names another place)\n');
    expect(ran.stderr.split('\n')).toHaveLength(2);
  });

  it.each(twoWays)('that THROUGHLINE_ROOT names is said to be named by it, in %s', (command) => {
    const missing = join(scratch, 'missing');
    expect(throughline([command], { THROUGHLINE_ROOT: missing })).toMatchObject({
      code: 3,
      stdout: '',
      stderr: `throughline: ${missing} does not exist (THROUGHLINE_ROOT names it)\n`,
    });
  });

  it.each(twoWays)('that is a file gets one sentence and exit code 3 from %s', (command) => {
    const file = join(scratch, 'file');
    writeFileSync(file, '');
    expect(throughline([command, '--root', file])).toMatchObject({
      code: 3,
      stdout: '',
      stderr: `throughline: ${file} is not a directory\n`,
    });
  });

  it.each(twoWays)('that is empty gets one sentence and exit code 3 from %s', (command) => {
    const empty = join(scratch, 'empty');
    mkdirSync(empty, { recursive: true });
    expect(throughline([command, '--root', empty])).toMatchObject({
      code: 3,
      stdout: '',
      stderr: `throughline: ${empty} holds no streams\n`,
    });
  });

  it.each(twoWays)('of half-written files gets one sentence and exit code 3 from %s', (command) => {
    const half = join(scratch, 'half');
    for (const [tail, text] of [
      ['1', '{"schema_version":2,"seq'],
      ['2', ''],
      ['3', '\u0000\u0001\u0002'],
    ] as const) {
      const directory = join(half, 'wal', 'wm', `wm-${correlation(tail)}`);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, 'wal-000001.jsonl'), text);
    }
    const ran = throughline([command, '--root', half]);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toBe(
      'throughline: none of the 3 streams holds a whole record: nothing can be said\n',
    );
  });

  it('that is missing does not hide the one beside it', () => {
    const ran = throughline(['runs', '--root', join(scratch, 'missing'), '--root', root]);
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain('…R8Y2XEW');
    expect(ran.stdout).toContain(`missing does not exist\n`);
  });

  it('is found as a writer would find it', () => {
    expect(throughline(['runs'], { THROUGHLINE_ROOT: root }).stdout).toContain('7 runs');
  });

  it('is left as it was by every reading command', () => {
    const before = snapshot(root);
    for (const command of readers) throughline([...command.split(' '), '--root', root]);
    expect(snapshot(root)).toEqual(before);
  });
});

describe('streams of a later version', () => {
  it('are read as far as they are known, and every view says so', async () => {
    const later = join(scratch, 'later');
    const wm = new StreamFile(later, 'wm', '1', { header: { format: 9 } });
    wm.add(1, 'run.teleported', {
      correlation_id: correlation('A'),
      span_id: '00000000000000aa',
      unheard_of: { x: 1 },
    });
    wm.seal(2).write();
    for (const view of ['runs', 'show @0', 'inflight', 'records', 'failed', 'stats', 'reconcile']) {
      const { stdout } = await call(...view.split(' '), '--root', later);
      expect(stdout, view).toContain('1 stream in a later format');
      expect(stdout, view).toContain('1 record of a type unknown here');
    }
    expect((await call('doctor', '--root', later)).stdout).toMatch(
      /formats +1 streams? in a later/,
    );
  });
});

describe('every reading command', () => {
  it('is quiet when its reader has seen enough', () => {
    const many = join(scratch, 'many');
    const wm = new StreamFile(many, 'wm', '1');
    for (let at = 0; at < 4000; at += 1) wm.add(at, 'runner.started', { payload: { runner: 'x' } });
    wm.write();
    const ran = spawnSync(
      'bash',
      [
        '-c',
        `set -o pipefail; "${process.execPath}" "${bin}" records -n all --root "${many}" | head -1`,
      ],
      { encoding: 'utf8', env: plainEnv },
    );
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.stdout).toContain('wal.opened');
  });

  it('names damage above the truth line, with the records around it', () => {
    const damaged = join(scratch, 'damaged');
    const wm = new StreamFile(damaged, 'wm', '1').add(1, 'runner.started').seal(2).write();
    const bytes = readFileSync(wm.file);
    bytes[bytes.indexOf('runner.started')] = 0x52;
    writeFileSync(wm.file, bytes);
    const records = throughline(['records', '--root', damaged]);
    expect(records.code).toBe(0);
    expect(
      records.stdout
        .trimEnd()
        .split('\n')
        .map((text) => text.replace(/\s+/g, ' ')),
    ).toEqual([
      '2025-11-21 14:02:10.480 wm…0000001 1 wal.opened',
      expect.stringMatching(/^! wm…0000001: CORRUPT wal-000001\.jsonl:\d+: /),
      '2025-11-21 14:02:11.482 wm…0000001 3 wal.sealed',
      '2 records · 1 stream: 1 DAMAGED',
    ]);
    expect(throughline(['inflight', '--root', damaged]).stdout).toMatch(
      /^! wm…0000001: CORRUPT .*\nnothing is open .* · 1 stream: 1 DAMAGED\n$/,
    );
  });

  it('runs without write permission', () => {
    const flag = process.versions.node.startsWith('20.')
      ? '--experimental-permission'
      : '--permission';
    const ran = spawnSync(
      process.execPath,
      [flag, '--allow-fs-read=*', '--no-warnings', bin, 'runs', '--root', root],
      { encoding: 'utf8', env: plainEnv },
    );
    expect(ran).toMatchObject({ status: 0, stderr: '' });
  });

  it('has help, and the version is the package’s', () => {
    for (const name of ['runs', 'show', 'inflight', 'records', 'who', 'id', 'run']) {
      expect(throughline([name, '--help']).stdout).toMatch(
        new RegExp(`^usage: throughline ${name}`),
      );
    }
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(throughline(['--version']).stdout).toBe(`throughline ${version}\n`);
  });
});

describe('throughline id', () => {
  const spellings = [
    '01KAM8VJ5Q3Z9S0V4T6R8Y2XEW',
    '019aa88dc8b71fd3906c9a3611e175dc',
    '00-019aa88dc8b71fd3906c9a3611e175dc-b7ad6b7169203331-01',
  ];

  it.each(spellings)('spells %s in every way', (value) => {
    const { stdout, code } = throughline(['id', value, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'throughline.id/1',
      correlation_id: '01KAM8VJ5Q3Z9S0V4T6R8Y2XEW',
      trace_id: '019aa88dc8b71fd3906c9a3611e175dc',
      ulid_time: '2025-11-21T22:34:15.607Z',
    });
  });
});

function snapshot(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const { size, mtimeMs } = statSync(join(directory, name));
      return `${name} ${size} ${mtimeMs}`;
    })
    .toSorted();
}
