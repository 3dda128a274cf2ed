import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bin, throughline } from '../cli/bin.js';
import { linesOf, until } from '../hook/host.js';
import { can } from '../wal/support/child.js';
import {
  commandLine,
  environment,
  events,
  only,
  recordExec,
  recordsOf,
  startExec,
} from './exec.js';

const sent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

let scratch = '';
let root = '';
beforeEach(() => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), 'tl-exec-')));
  root = join(scratch, 'root');
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const everything = (): string => JSON.stringify(linesOf(root));
const sh = (script: string): readonly string[] => ['--', 'sh', '-c', script];

/** No file may have more than 1024 bytes: the header fits, the acceptance with its arguments behind it does not. */
function limited(...options: readonly string[]): SpawnSyncReturns<string> {
  const recorded = ['--record-args', ...options, ...sh('echo out; exit 7'), 'x'.repeat(500)];
  const limit = `trap '' XFSZ; ulimit -f 2; exec "$@"`;
  return spawnSync(
    'sh',
    ['-c', limit, 'sh', process.execPath, ...commandLine([...recorded, 'y'.repeat(500)])],
    { env: environment({ root }), encoding: 'utf8' },
  );
}

describe('throughline record exec', () => {
  it('has its acceptance on disk before the command starts, and its end before it ends', () => {
    const look = 'cat "$THROUGHLINE_ROOT"/wal/exec/*/wal-000001.jsonl';
    const ran = recordExec(sh(look), { root, cwd: scratch });
    expect(ran.stderr.toString()).toBe('');
    const seen = ran.stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event_type: string }).event_type);
    expect(seen.filter((event) => event.startsWith('run.'))).toEqual(['run.accepted']);
    expect(events(root)).toEqual(['run.accepted', 'runner.started', 'run.completed']);
    expect(linesOf(root).at(-1)?.event_type).toBe('wal.sealed');
    expect(only(root, 'run.accepted')).toMatchObject({
      action_name: 'sh',
      project_path: scratch,
      payload: { root: true, command: { name: 'sh', arguments: 2 } },
      origin: { front: 'cli', name: 'sh' },
    });
    expect(only(root, 'run.completed').payload).toMatchObject({ exit_code: 0 });
    expect(only(root, 'run.completed').payload['duration_ms']).toBeGreaterThan(0);
  });

  it('continues TRACEPARENT as the parent, and hands its own span to the command', () => {
    const ran = recordExec(sh('echo "$TRACEPARENT"; echo "$THROUGHLINE_ROOT"'), {
      root,
      env: { TRACEPARENT: sent, TRACESTATE: 'tl=;mcp;tools/call;build;agent,other=1' },
    });
    const accepted = only(root, 'run.accepted');
    expect(accepted).toMatchObject({
      correlation_id: '0AYXJHJ5PD8FER8J7B44E80CCW',
      parent_span_id: 'b7ad6b7169203331',
      origin: { front: 'mcp', method: 'tools/call', name: 'build', client: 'agent' },
    });
    expect(ran.stdout.toString()).toBe(
      `00-0af7651916cd43dd8448eb211c80319c-${String(accepted['span_id'])}-01\n${root}\n`,
    );
  });

  it('says when the sender’s clock is too far ahead to be followed', () => {
    recordExec(['--', 'true'], {
      root,
      env: { TRACEPARENT: sent, TRACESTATE: 'tl=6D00000000000' },
    });
    expect(only(root, 'run.accepted').payload['clock']).toBe('ahead');
  });

  it('begins a root where TRACEPARENT is no use', () => {
    recordExec(['--', 'true'], { root, env: { TRACEPARENT: 'nonsense' } });
    expect(only(root, 'run.accepted')['parent_span_id']).toBeUndefined();
  });

  it('forms one tree with everything recorded below it, whoever records it', () => {
    const self = `"${process.execPath}" "${bin}" record exec`;
    const script = `${self} --action left -- true; ${self} --action right -- "${process.execPath}" "${fixture('hooked.mjs')}"`;
    const ran = spawnSync(
      process.execPath,
      [bin, 'run', '--name', 'ci', '--', process.execPath, bin, 'record', 'exec', ...sh(script)],
      { env: environment({ root }), encoding: 'utf8' },
    );
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    const shown = throughline(['show', '@0', '--json', '--root', root]).stdout.trim().split('\n');
    const [request, ...spans] = shown.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(request).toMatchObject({ state: 'completed', via: 'cli', spans: 4, what: 'ci sh' });
    expect(spans.map(({ depth, name, state }) => [depth, name, state])).toEqual([
      [0, 'sh', 'completed'],
      [1, 'left', 'completed'],
      [1, 'right', 'completed'],
      [2, 'format', 'completed'],
    ]);
    expect(spans[3]?.['writer_id']).toMatch(/^er-/);
  });

  it.each([0, 1, 125, 255])('exits with %i as the command does, and records it', (code) => {
    expect(recordExec(sh(`exit ${code}`), { root }).status).toBe(code);
    const end = only(root, code === 0 ? 'run.completed' : 'run.failed');
    expect(end.payload['exit_code']).toBe(code);
  });

  it.each(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGABRT'] as const)(
    'dies of %s when the command does, and has recorded a failure',
    (signal) => {
      const ran = recordExec(sh(`kill -${signal.slice(3)} $$`), { root, cwd: scratch });
      expect(ran).toMatchObject({ status: null, signal });
      expect(only(root, 'run.failed').payload).toMatchObject({
        signal,
        error: { class: 'CommandFailed', message: `ended by ${signal}` },
      });
    },
  );

  it('exits as a shell would for what cannot be started, and records that', () => {
    const file = join(scratch, 'data');
    writeFileSync(file, 'data', { mode: 0o644 });
    const missing = recordExec(['--', 'no-such-command'], { root });
    expect(missing.status).toBe(127);
    expect(missing.stderr.toString()).toBe('throughline: no-such-command: command not found\n');
    expect(recordExec(['--', file], { root }).status).toBe(126);
    expect(recordsOf(root, 'run.failed').map(({ payload }) => payload)).toMatchObject([
      { exit_code: 127, error: { code: 'ENOENT', message: 'could not be started' } },
      { exit_code: 126, error: { code: 'EACCES', message: 'could not be started' } },
    ]);
    expect(recordsOf(root, 'runner.started')).toEqual([]);
  });
});

describe('a signal that is sent to the recorder', () => {
  const trapping = `process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000); console.log('ready')`;
  it.each([
    ['is the command’s to answer', trapping, 'run.failed', 9, null],
    [
      'that ends the command is a cancel',
      'setInterval(() => {}, 1000); console.log("ready")',
      'run.cancelled',
      null,
      'SIGTERM',
    ],
  ])('%s', async (_, script, event, code, signal) => {
    const child = startExec(['--', process.execPath, '-e', script], { root });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until(
      () => said.includes('ready'),
      () => said,
    );
    child.kill('SIGTERM');
    const ended = await new Promise((resolve) => {
      child.once('close', (...end) => resolve(end));
    });
    expect(ended).toEqual([code, signal]);
    expect(events(root)).toEqual(['run.accepted', 'runner.started', 'run.cancel_requested', event]);
    expect(only(root, 'run.cancel_requested').payload).toEqual({ reason: 'SIGTERM' });
  });

  it('as by timeout(1) leaves a whole record', () => {
    const ran = spawnSync(
      'timeout',
      ['2', process.execPath, ...commandLine(['--', 'sleep', '20'])],
      { env: environment({ root }) },
    );
    expect(ran.status).toBe(124);
    expect(only(root, 'run.cancelled').payload).toMatchObject({ signal: 'SIGTERM' });
    expect(linesOf(root).at(-1)?.event_type).toBe('wal.sealed');
  });
});

describe.skipIf(!can('Ctrl-C on a terminal', 'script', '--version'))('on a terminal', () => {
  it('Ctrl-C ends the command, and the record says so', async () => {
    // Not `sh`: Debian's loses a SIGINT that comes between its echo and the fork after it, with or without us.
    const waits = `"process.stdout.write('ready'); setTimeout(() => {}, 60000)"`;
    const command = ['--', process.execPath, '-e', waits];
    const line = [process.execPath, ...commandLine(command)].join(' ');
    const terminal = spawn('script', ['-qec', line, '/dev/null'], { env: environment({ root }) });
    let said = '';
    terminal.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until(
      () => said.includes('ready'),
      () => said,
    );
    terminal.stdin.write('\u0003');
    const code = await new Promise((resolve) => {
      terminal.once('close', resolve);
    });
    expect(code).toBe(130);
    expect(only(root, 'run.cancelled').payload).toMatchObject({ signal: 'SIGINT' });
  });
});

describe('the standard streams', () => {
  it.each([
    ['untouched', []],
    ['with a tail kept of stderr', ['--tail-bytes', '100']],
  ])('carry a megabyte of anything byte for byte, %s', (_, options) => {
    const noise = [process.execPath, fixture('noise.mjs'), '3'];
    const bare = spawnSync(noise[0] ?? '', noise.slice(1), { maxBuffer: 8 * 1024 * 1024 });
    const ran = recordExec([...options, '--', ...noise], { root });
    expect(ran.status).toBe(3);
    expect(bare.stdout.length).toBe(1024 * 1024);
    expect(ran.stdout.equals(bare.stdout)).toBe(true);
    expect(ran.stderr.equals(bare.stderr)).toBe(true);
    const said = options.length === 0 ? undefined : 1024 * 1024;
    expect(only(root, 'run.failed').payload['stderr_bytes']).toBe(said);
  });

  it('work in a pipeline, whose reader may leave early', () => {
    const self = `"${process.execPath}" "${bin}" record exec`;
    const line = `printf 'b\\na\\n' | ${self} -- sort | ${self} --tail-bytes 10 -- cat; ${self} -- yes | head -1`;
    const ran = spawnSync('sh', ['-c', line], { env: environment({ root }), encoding: 'utf8' });
    expect(ran).toMatchObject({ stdout: 'a\nb\ny\n', stderr: '', status: 0 });
    // The reader of `yes` has gone: it dies of SIGPIPE, and its record says so.
    expect(only(root, 'run.failed').payload).toMatchObject({ signal: 'SIGPIPE' });
  });

  it('may be closed', () => {
    const self = `"${process.execPath}" "${bin}" record exec --tail-bytes 10`;
    const line = `${self} -- sh -c 'echo out; echo err >&2; exit 4' <&- >&- 2>&-`;
    expect(spawnSync('sh', ['-c', line], { env: environment({ root }) }).status).toBe(4);
    expect(only(root, 'run.failed').payload).toMatchObject({ exit_code: 4, stderr_tail: 'err\n' });
  });

  it('do not keep the recorder when somebody else holds stderr', () => {
    const startedMs = performance.now();
    const ran = recordExec(
      ['--tail-bytes', '10', ...sh('sleep 9 >/dev/null & echo x >&2; exit 1')],
      {
        root,
      },
    );
    expect(ran.status).toBe(1);
    expect(ran.stderr.toString()).toBe('x\n');
    expect(performance.now() - startedMs).toBeLessThan(8000);
  });
});

describe('what is kept of the user’s data', () => {
  it('is not the arguments, nor the output', () => {
    const secret = 'xyzzy-plugh';
    recordExec(sh(`echo ${secret}; echo ${secret} >&2; exit 1`), { root, cwd: scratch });
    expect(everything()).not.toContain(secret);
    expect(only(root, 'run.accepted').payload['command']).toEqual({ name: 'sh', arguments: 2 });
  });

  it('is the arguments when asked for, without what looks like a secret', () => {
    const args = ['one', '--token=hunter2', '--password', 'hunter3', 'https://me:hunter4@host/'];
    recordExec(['--record-args', '--action', 'deploy', '--', 'true', ...args], { root });
    expect(only(root, 'run.accepted')).toMatchObject({
      action_name: 'deploy',
      payload: {
        command: {
          name: 'true',
          arguments: 5,
          argv: [
            'one',
            '--token=[redacted]',
            '--password',
            '[redacted]',
            'https://[redacted]@host/',
          ],
        },
      },
    });
    expect(everything()).not.toContain('hunter');
  });

  it('is the tail of stderr when asked for and the command failed, without what looks like a secret', () => {
    const script = String.raw`printf 'first\n\033[31mtoken: hunter2\033[0m\nlast line\n' >&2`;
    recordExec(['--tail-bytes', '100', ...sh(script)], { root });
    expect(only(root, 'run.completed').payload).not.toHaveProperty('stderr_tail');
    recordExec(['--tail-bytes', '100', ...sh(`${script}; exit 1`)], { root });
    expect(only(root, 'run.failed').payload).toMatchObject({
      stderr_tail: 'first\ntoken: [redacted]\nlast line\n',
      stderr_bytes: 40,
    });
    expect(everything()).not.toContain('hunter');
  });
});

describe('a root that cannot be written', () => {
  const unusable = '/proc/throughline';

  it('costs the record, said in one line, and not the command', () => {
    const ran = recordExec(sh('echo out; exit 7'), { root: unusable });
    expect(ran.status).toBe(7);
    expect(ran.stdout.toString()).toBe('out\n');
    expect(ran.stderr.toString()).toMatch(/^throughline: the command is not recorded: [^\n]+\n$/);
  });

  it('costs the command where that was asked for', () => {
    const ran = recordExec(['--on-failure', 'reject', ...sh('echo out')], { root: unusable });
    expect(ran.status).toBe(125);
    expect(ran.stdout.toString()).toBe('');
    expect(ran.stderr.toString()).toMatch(
      /^throughline: the command was not started: cannot write to \/proc\/throughline: [^\n]+\n$/,
    );
  });
});

describe('a disk that fails', () => {
  it('costs the record, said in one line, and not the command', () => {
    const ran = limited();
    expect(ran).toMatchObject({ status: 7, stdout: 'out\n' });
    expect(ran.stderr).toMatch(
      /^throughline: the record of the command is incomplete: EFBIG[^\n]+\n$/,
    );
  });

  it('costs the command where that was asked for', () => {
    const ran = limited('--on-failure', 'reject');
    expect(ran).toMatchObject({ status: 125, stdout: '' });
    expect(ran.stderr).toMatch(
      /^throughline: the command was not started: run.accepted could not be recorded: EFBIG[^\n]+\n$/,
    );
  });
});

describe('throughline record exec refuses', () => {
  const usage = 'throughline record exec [OPTION…] -- COMMAND [ARGUMENT…]';
  it.each([
    [['record', 'exec'], `no command is given: ${usage}`],
    [['record', 'exec', 'ls'], `the command belongs behind --: ${usage}`],
    [
      ['record', 'exec', '--nope', '--', 'ls'],
      'record exec has no option --nope (see throughline record exec --help)',
    ],
    [
      ['record', 'exec', '--tail-bytes', '65537', '--', 'ls'],
      '--tail-bytes is a number from 1 to 65536, not "65537"',
    ],
    [
      ['record', 'exec', '--on-failure', 'exit', '--', 'ls'],
      '--on-failure is degrade or reject, not "exit"',
    ],
  ])('%j with 125 and one sentence', (args, sentence) => {
    expect(throughline(args, { THROUGHLINE_ROOT: root })).toMatchObject({
      code: 125,
      stdout: '',
      stderr: `throughline: ${sentence}\n`,
    });
    expect(linesOf(root)).toEqual([]);
  });

  it('half a name, and says the whole', () => {
    expect(throughline(['record'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^throughline: no command is called "record", but .*"record exec".* \(see throughline --help\)\n$/,
      ) as string,
    });
    expect(throughline(['help', 'record', 'exec']).stdout).toContain('--watch-paths GLOB');
  });
});

describe('the files under --watch-paths', () => {
  it('are recorded as inferred effects, with their hashes before and after', () => {
    for (const [name, text] of [
      ['kept.txt', 'kept'],
      ['edited.txt', 'old'],
      ['removed.txt', 'gone'],
      ['touched.txt', 'same'],
      ['outside.md', 'old'],
    ] as const) {
      writeFileSync(join(scratch, name), text);
    }
    const script =
      'printf new > edited.txt; rm removed.txt; printf same > touched.txt; printf x > made.txt; printf new > outside.md';
    recordExec(['--watch-paths', '*.txt', ...sh(script)], { root, cwd: scratch });
    const effects = recordsOf(root, 'effect.applied').map(({ payload }) => payload);
    expect(effects).toMatchObject([
      { path: join(scratch, 'edited.txt'), change: 'modified', inferred: true },
      { path: join(scratch, 'made.txt'), change: 'created', before: null, inferred: true },
      { path: join(scratch, 'removed.txt'), change: 'deleted', after: null, inferred: true },
    ]);
    expect(effects[0]).toMatchObject({
      before: { sha256: 'cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4' },
      after: { sha256: '11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437' },
    });
    expect(effects[1]?.['after']).toEqual({
      sha256: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
      bytes: 1,
    });
    expect(only(root, 'run.completed').payload['watched']).toEqual({ files: 4, changed: 3 });
    const who = throughline(['who', join(scratch, 'made.txt'), '--json', '--root', root]);
    expect(JSON.parse(who.stdout)).toMatchObject({ inferred: true, now: 'same', what: 'sh' });
  });

  it('never include the streams themselves', () => {
    const inside = join(scratch, '.throughline');
    recordExec(['--watch-paths', '**', ...sh('printf x > made')], { root: inside, cwd: scratch });
    expect(recordsOf(inside, 'effect.applied').map(({ payload }) => payload['path'])).toEqual([
      join(scratch, 'made'),
    ]);
  });
});
