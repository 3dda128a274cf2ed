/** The hook never breaks its host: another FineCode, a hook that fails, a disk that cannot be written. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isReal } from './installation.js';
import { Workspace, fake, hook, python } from './support.js';

const points = fileURLToPath(new URL('fixtures/points.py', import.meta.url));
let workspace: Workspace;
beforeEach(() => {
  workspace = new Workspace();
});
afterEach(() => workspace.close());

interface Ran {
  readonly code: number | null;
  readonly out: string;
  /** Each once: the workspace manager and two runners may say the same. */
  readonly said: readonly string[];
  readonly other: string;
}

/** `finecode run`, with what stands in these folders before the fake. */
function run(packages: string, more: readonly string[] = [], action = 'nest'): Ran {
  const paths = [join(hook, 'site'), ...more, packages, join(packages, 'otel')];
  const done = spawnSync(python, ['-m', 'finecode', 'run', action, '--name=x'], {
    encoding: 'utf8',
    cwd: workspace.directory,
    env: { ...workspace.env, PYTHONPATH: paths.join(delimiter) },
  });
  const lines = done.stderr.trim().split('\n');
  return {
    code: done.status,
    out: done.stdout.trim(),
    said: [...new Set(lines.filter((line) => line.startsWith('throughline: ')))],
    other: lines.filter((line) => !line.startsWith('throughline: ')).join('\n'),
  };
}

/** A copy of the fake in which these names are others. */
function renamed(names: readonly string[]): string {
  const copy = join(workspace.directory, '..', 'renamed');
  cpSync(fake, copy, { recursive: true });
  const words = new RegExp(`\\b(?:${names.join('|')})\\b`, 'g');
  for (const file of readdirSync(copy, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.py')) continue;
    const text = readFileSync(join(copy, file), 'utf8');
    writeFileSync(
      join(copy, file),
      text.replaceAll(words, (name) => `${name}_2`),
    );
  }
  return copy;
}

/** A folder whose sitecustomize runs behind the hook's. */
function sabotage(code: string): string {
  const folder = join(workspace.directory, '..', 'sabotage');
  mkdirSync(folder);
  writeFileSync(join(folder, 'sitecustomize.py'), code);
  return folder;
}

describe.runIf(python !== '' && !isReal)('a FineCode that is another', () => {
  it('has each missing point named, and the others patched all the same', () => {
    const paths = [join(hook, 'site'), fake, join(fake, 'otel')];
    const done = spawnSync(python, ['-B', points], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', PYTHONPATH: paths.join(delimiter) },
    });
    const outcomes = JSON.parse(done.stdout) as [module: string, point: string, outcome: string][];
    expect(
      outcomes.filter(([, point]) => point === 'whole').map(([, , outcome]) => outcome),
    ).toEqual(Array.from({ length: 11 }, () => 'patched'));
    const damaged = outcomes.filter(([, point]) => point !== 'whole');
    expect(damaged).toHaveLength(29);
    for (const [, point, outcome] of damaged) {
      expect(outcome).toMatch(/^this FineCode is another: [^;]*$/);
      expect(outcome).toContain(point);
    }
  });

  it('runs on when everything has another name, and says so once for each module', () => {
    const names = [
      'WalWriter',
      'get_current_traceparent',
      'run_with_partial_results',
      'new_wal_run_id',
      '_handle_request_task',
      '_handle_run_batch_with_partial_results_task',
      '_execute_request',
      'execute_action_handler',
      'send_request_to_wm',
      'create_er_server',
      'JsonRpcClient',
      'run_handlers',
    ];
    const { code, out, said, other } = run(renamed(names));
    expect({ code, out, other }).toEqual({ code: 0, out: '{"returnCode": 0}', other: '' });
    expect(said).toHaveLength(11);
    for (const line of said)
      expect(line).toMatch(/^throughline: finecode[\w.]*: this FineCode is another: /);
    expect(workspace.wal().length).toBeGreaterThan(20);
    expect(workspace.wal().every(({ payload }) => payload.correlation === undefined)).toBe(true);
  }, 30_000);

  it('is stamped as far as it goes when only runs cannot be seen', () => {
    const copy = renamed(['run_with_partial_results', 'run_handlers', 'execute_action_handler']);
    const { code, said } = run(copy);
    expect(code).toBe(0);
    expect(said).toHaveLength(4);
    expect(workspace.wal().every(({ payload }) => payload.correlation !== undefined)).toBe(true);
  }, 30_000);
});

describe.runIf(python !== '' && !isReal)('a hook that fails', () => {
  it.each([
    ['no run can begin', 'import throughline_finecode_scope as m\nm.new_span = lambda: 1 / 0\n'],
    [
      'no scope can be entered',
      'import throughline_finecode_scope as m\nm.enter = lambda *a: 1 / 0\n',
    ],
    [
      'nothing can be appended',
      'import throughline_stream as m\nm.Stream.append = lambda *a, **k: 1 / 0\n',
    ],
    [
      'no stream can be opened',
      'import throughline_stream as m\nm.Stream.__init__ = lambda *a, **k: 1 / 0\n',
    ],
    ['nothing is current', 'import throughline_finecode_scope as m\nm.current = lambda: 1 / 0\n'],
  ])(
    'leaves FineCode’s results as they are, and says so once in each process: %s',
    (_, code) => {
      const ran = run(fake, [sabotage(code)], 'greet');
      expect(ran).toMatchObject({ code: 0, out: '{"returnCode": 0}', other: '' });
      expect(ran.said.length).toBeGreaterThan(0);
      for (const line of ran.said) {
        expect(line).toMatch(
          /^throughline: .*: ZeroDivisionError: division by zero \(told once\)$/,
        );
      }
      expect(workspace.wal()).toHaveLength(5);
    },
    30_000,
  );

  it('ends what was cancelled while it waited for the disk', () => {
    const code = [
      'import asyncio, types, throughline_finecode_patch as p',
      'class Waits(p.Part):',
      '    async def opened(self): await asyncio.Event().wait()',
      '    def raised(self, error): print(type(error).__name__)',
      '    def leave(self): print("left")',
      'async def f(a): print("ran")',
      'm = types.SimpleNamespace(__name__="m", f=f)',
      'p.around(m, "f", lambda named: Waits(), ("a",))',
      'async def main():',
      '    task = asyncio.create_task(m.f(1))',
      '    await asyncio.sleep(0)',
      '    task.cancel()',
      '    try: await task',
      '    except asyncio.CancelledError: print("cancelled")',
      'asyncio.run(main())',
    ].join('\n');
    const done = spawnSync(python, ['-c', code], { encoding: 'utf8', env: workspace.env });
    expect(done.stdout).toBe('CancelledError\nleft\ncancelled\n');
  });

  it('goes on stamping when nothing can be written to its root', () => {
    writeFileSync(workspace.root, 'a file where a directory should be');
    const { code, out } = run(fake, [], 'greet');
    expect({ code, out }).toEqual({ code: 0, out: '{"returnCode": 0}' });
    expect(workspace.wal()).toHaveLength(5);
    expect(
      workspace.wal().every(({ payload }) => payload.correlation?.['span_id'] !== undefined),
    ).toBe(true);
  }, 30_000);
});
