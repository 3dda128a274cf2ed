import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bin, plainEnv, start, throughline } from './bin.js';

const sent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const show = ['node', '-e', 'console.log(process.env.TRACEPARENT, process.env.TRACESTATE)'];

let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tl-run-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

describe('throughline run', () => {
  it('continues a valid TRACEPARENT with a span of its own, as the front cli', () => {
    const { stdout } = throughline(['run', '--', ...show], { TRACEPARENT: sent });
    expect(stdout).toMatch(
      /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01 tl=[0-9A-Z]{13};cli;;node\n$/,
    );
    expect(stdout).not.toContain('b7ad6b7169203331');
  });

  it('begins a root that is sampled and random without one', () => {
    const [one, two] = [throughline(['run', '--', ...show]), throughline(['run', '--', ...show])];
    expect(one.stdout).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03 /);
    expect(one.stdout.slice(3, 35)).not.toBe(two.stdout.slice(3, 35));
  });

  it('says of itself what it is told to say', () => {
    const origin = ['--name', 'lint it', '--origin', 'client=make', '--origin', 'method=a=b'];
    const { stdout } = throughline(['run', ...origin, '--', ...show]);
    expect(stdout).toMatch(/tl=[0-9A-Z]{13};cli;a%3Db;lint%20it;make\n$/);
  });

  it('links to or ignores a TRACEPARENT that is not trusted', () => {
    const env = { TRACEPARENT: sent };
    const link = throughline(['run', '--trust', 'link', '--', ...show], env);
    expect(link.stdout).not.toMatch(/^00-0af7651916cd43dd/);
    expect(link.stdout).toContain('tl-links=0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331');
    const ignore = throughline(['run', '--trust', 'ignore', '--', ...show], env);
    expect(ignore.stdout).not.toContain('0af7651916cd43dd');
  });

  it('prints the id on one line of stderr, and that a TRACEPARENT was no use', () => {
    const ran = throughline(['run', '--print-id', '--', ...show], { TRACEPARENT: 'nonsense' });
    expect(ran.stderr).toMatch(
      /^throughline: [0-9A-Z]{26} 00-[0-9a-f]{32}-[0-9a-f]{16}-03 \(TRACEPARENT was not valid: new root\)\n$/,
    );
    expect(ran.stderr).toContain(ran.stdout.slice(0, 55));
  });

  it('warns of an invalid TRACEPARENT only when it prints the id', () => {
    const ran = throughline(['run', '--', ...show], { TRACEPARENT: 'nonsense' });
    expect(ran.stderr).toBe('');
    expect(ran.stdout).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03 /);
  });

  it('replaces a carrier whole: no BAGGAGE of a context that is not continued', () => {
    const print = ['node', '-p', 'process.env.BAGGAGE'];
    const env = { TRACEPARENT: sent, BAGGAGE: 'user=7' };
    expect(throughline(['run', '--', ...print], env).stdout).toBe('user=7\n');
    for (const trust of ['link', 'ignore']) {
      const ran = throughline(['run', '--trust', trust, '--', ...print], env);
      expect(ran.stdout).toBe('undefined\n');
    }
    const invalid = { TRACEPARENT: 'nonsense', BAGGAGE: 'user=7' };
    expect(throughline(['run', '--', ...print], invalid).stdout).toBe('undefined\n');
  });

  it('takes every part of the context away from what it is told to detach', () => {
    const print =
      'console.log(Object.keys(process.env).filter((k) => /TRACE|BAGGAGE|KEPT/.test(k)))';
    const env = { TRACEPARENT: sent, TRACESTATE: 'vendor=1', BAGGAGE: 'user=7', KEPT: '1' };
    const ran = throughline(['run', '--detach-context', '--', 'node', '-e', print], env);
    expect(ran).toMatchObject({ code: 0, stdout: "[ 'KEPT' ]\n", stderr: '' });
  });

  it.each(['0<&-', '1>&-', '2>&-', '0<&- 1>&- 2>&-'])('runs the command with %s', (closed) => {
    const line = `"${process.execPath}" "${bin}" run --print-id -- sh -c 'exit 7' ${closed}`;
    const ran = spawnSync('bash', ['-c', line], { encoding: 'utf8', env: plainEnv });
    expect(ran.status).toBe(7);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toMatch(closed.includes('2') ? /^$/ : /^throughline: .*-03\n$/);
  });

  it('is quiet when nobody reads what it prints, and lets the command die of its own SIGPIPE', () => {
    const line = `{ "${process.execPath}" "${bin}" run --print-id -- yes 2>&1; echo "$?" >&2; } | head -1 >/dev/null`;
    const ran = spawnSync('bash', ['-c', line], { encoding: 'utf8', env: plainEnv });
    expect(ran).toMatchObject({ status: 0, stderr: '141\n' });
  });

  it('hands over the arguments, environment and standard streams untouched', () => {
    const script =
      'process.stdin.pipe(process.stdout); console.error(process.argv.slice(1), process.env.MARK)';
    const ran = spawnSync(
      process.execPath,
      [bin, 'run', '--', 'node', '-e', script, '--', '--name', 'a b', '--', '-x'],
      { input: 'through', encoding: 'utf8', env: { ...plainEnv, MARK: 'kept' } },
    );
    expect(ran.stdout).toBe('through');
    expect(ran.stderr).toBe("[ '--name', 'a b', '--', '-x' ] kept\n");
  });

  it.each([0, 1, 125, 255])('exits with %i as the command does', (code) => {
    expect(throughline(['run', '--', 'sh', '-c', `exit ${code}`]).code).toBe(code);
  });

  it.each(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGABRT'] as const)(
    'dies of %s when the command does',
    (signal) => {
      const script = `process.kill(process.pid, '${signal}'); setTimeout(() => {}, 5000)`;
      expect(throughline(['run', '--', 'node', '-e', script])).toMatchObject({
        code: null,
        signal,
      });
    },
  );

  it('dies of the SIGUSR1 that the command died of, which Node would take for its inspector', () => {
    const ran = throughline(['run', '--', 'sh', '-c', 'kill -USR1 $$']);
    expect(ran).toMatchObject({ code: null, signal: 'SIGUSR1', stderr: '' });
  });

  it('exits as a shell would for a signal that Node cannot die of', () => {
    expect(throughline(['run', '--', 'sh', '-c', 'kill -PIPE $$']).code).toBe(141);
  });

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    'passes %s on and lets the command decide',
    async (signal) => {
      const script = `process.on('${signal}', () => { console.log('got it'); process.exit(9); });
        setInterval(() => {}, 1000); console.log('ready')`;
      const run = start(['run', '--', 'node', '-e', script]);
      await run.said('ready');
      run.kill(signal);
      expect(await run.ended).toMatchObject({ code: 9, stdout: 'ready\ngot it\n' });
    },
  );

  it.each([
    ['run', 'SIGUSR1'],
    ['run', 'SIGUSR2'],
    ['record exec', 'SIGUSR1'],
    ['record exec', 'SIGUSR2'],
  ] as const)('as %s passes %s on, and opens no inspector of its own', async (name, signal) => {
    const script = `trap 'echo got it; exit 9' ${signal.slice(3)}; echo ready; for i in $(seq 100); do sleep 0.02; done`;
    const root = join(scratch, 'root');
    const run = start([...name.split(' '), '--', 'sh', '-c', script], { THROUGHLINE_ROOT: root });
    await run.said('ready');
    run.kill(signal);
    expect(await run.ended).toMatchObject({ code: 9, stdout: 'ready\ngot it\n', stderr: '' });
  });

  it('dies of the SIGTERM that it passed on, and leaves no child behind', async () => {
    const run = start([
      'run',
      '--',
      'node',
      '-e',
      'console.log(process.pid); setInterval(() => {}, 1000)',
    ]);
    await run.said('\n');
    run.kill('SIGTERM');
    const ended = await run.ended;
    expect(ended.signal).toBe('SIGTERM');
    expect(() => process.kill(Number(ended.stdout), 0)).toThrow(/ESRCH/);
  });

  it('nests as parent and child', () => {
    const inner = [process.execPath, bin, 'run', '--print-id', '--', ...show];
    const ran = throughline(['run', '--print-id', '--', ...inner]);
    const [outer, own] = ran.stderr
      .trimEnd()
      .split('\n')
      .map((text) => text.split(' ')[2] ?? '');
    expect(own?.slice(0, 35)).toBe(outer?.slice(0, 35));
    expect(own).not.toBe(outer);
  });

  it('writes nothing: runs under the permission model without write permission', () => {
    const flag = process.versions.node.startsWith('20.')
      ? '--experimental-permission'
      : '--permission';
    const ran = spawnSync(
      process.execPath,
      [
        flag,
        '--allow-fs-read=*',
        '--allow-child-process',
        '--no-warnings',
        bin,
        'run',
        '--print-id',
        '--',
        'env',
        '-u',
        'NODE_OPTIONS',
        'pwd',
      ],
      { encoding: 'utf8', cwd: scratch, env: plainEnv },
    );
    expect(ran).toMatchObject({ status: 0, stdout: `${scratch}\n` });
    expect(readdirSync(scratch)).toEqual([]);
  });
});

describe('throughline run refuses', () => {
  it.each([
    [['run'], 'no command is given: throughline run [OPTION…] -- COMMAND [ARGUMENT…]'],
    [['run', '--'], 'no command is given: throughline run [OPTION…] -- COMMAND [ARGUMENT…]'],
    [
      ['run', 'ls'],
      'the command belongs behind --: throughline run [OPTION…] -- COMMAND [ARGUMENT…]',
    ],
    [['run', '--nope', '--', 'ls'], 'run has no option --nope (see throughline run --help)'],
    [
      ['run', '--detach-context', '--print-id', '--', 'ls'],
      '--detach-context gives the command no id: --print-id means nothing with it',
    ],
    [['run', '--trust', 'me', '--', 'ls'], '--trust is join, link or ignore, not "me"'],
    [
      ['run', '--origin', 'shoe=1', '--', 'ls'],
      '--origin is KEY=VALUE with the key front, method, name or client, not "shoe=1"',
    ],
  ])('%j with 125 and one sentence', (args, sentence) => {
    expect(throughline(args)).toMatchObject({
      code: 125,
      stdout: '',
      stderr: `throughline: ${sentence}\n`,
    });
  });

  it('a command that does not exist with 127, and one that is no program with 126', () => {
    const file = join(scratch, 'data');
    writeFileSync(file, 'data', { mode: 0o644 });
    expect(throughline(['run', '--', 'no-such-command'])).toMatchObject({
      code: 127,
      stderr: 'throughline: no-such-command: command not found\n',
    });
    expect(throughline(['run', '--', file])).toMatchObject({
      code: 126,
      stderr: `throughline: ${file}: permission denied, or not a program\n`,
    });
  });
});
