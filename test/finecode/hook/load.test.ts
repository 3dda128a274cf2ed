/** How the hook gets into a Python process, and what it costs and changes there. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { throughline } from '../../cli/bin.js';
import { fake, hook, python } from './support.js';

let scratch = '';
let venv = '';
let own = '';
beforeAll(() => {
  if (python === '') return;
  scratch = mkdtempSync(join(tmpdir(), 'tl hook ü '));
  venv = join(scratch, 'a venv');
  spawnSync(python, ['-m', 'venv', '--without-pip', venv]);
  own = join(venv, 'bin', 'python');
}, 30_000);
afterAll(() => {
  if (scratch !== '') rmSync(scratch, { recursive: true, force: true });
});

const loaded =
  'import sys; m = getattr(sys, "_throughline_finecode", None); print(m and m["form"], sorted(n for n in sys.modules if n.startswith("throughline")))';

function run(file: string, args: readonly string[], env: Record<string, string> = {}) {
  const done = spawnSync(file, args, {
    encoding: 'utf8',
    cwd: scratch,
    env: { PATH: process.env['PATH'] ?? '', PYTHONDONTWRITEBYTECODE: '1', ...env },
  });
  return { out: done.stdout.trim(), err: done.stderr.trim(), code: done.status };
}
const byEnv = (...more: readonly string[]): Record<string, string> => ({
  PYTHONPATH: [join(hook, 'site'), ...more].join(delimiter),
});
const sites = (): string =>
  run(own, ['-I', '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))']).out;
const finecode = (command: string, ...more: readonly string[]) =>
  throughline(['finecode', command, '--venv', venv, ...more]);

describe.runIf(python !== '')('the environment-only form', () => {
  it('loads one small module into a Python that is no FineCode', () => {
    const { out, err } = run(python, ['-c', loaded], byEnv());
    expect(out).toBe("environment ['throughline_finecode_start']");
    expect(err).toBe('');
  });

  it('does not stay on sys.path, and PYTHONPATH keeps what else is in it', () => {
    const other = join(scratch, 'other');
    mkdirSync(other, { recursive: true });
    const code =
      'import sys, os; print(any("hook/finecode" in p for p in sys.path), sys.path.count(os.environ["PYTHONPATH"].split(os.pathsep)[1]))';
    expect(run(python, ['-c', code], byEnv(other)).out).toBe('False 1');
  });

  it('runs the sitecustomize that it stands before, once, and reports its error as Python does', () => {
    const other = join(scratch, 'customized');
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'sitecustomize.py'), 'print("customized", __name__, __file__)\n');
    const { out } = run(
      python,
      ['-c', 'import sitecustomize; print(sitecustomize.__file__)'],
      byEnv(other),
    );
    const file = join(other, 'sitecustomize.py');
    expect(out).toBe(`customized sitecustomize ${file}\n${file}`);
    writeFileSync(join(other, 'sitecustomize.py'), 'raise ValueError("theirs")\n');
    const failed = run(python, ['-c', 'print("ran")'], byEnv(other));
    expect(failed.out).toBe('ran');
    expect(failed.err).toMatch(/Error in sitecustomize[\s\S]*ValueError: theirs$/);
  });

  it.each(['-I', '-E', '-S'])('is not loaded under python %s', (flag) => {
    expect(run(python, [flag, '-c', loaded], byEnv()).out).toBe('None []');
  });

  it('says on one line that a file of it is missing, and the process runs', () => {
    const broken = join(scratch, 'broken');
    mkdirSync(join(broken, 'site'), { recursive: true });
    writeFileSync(
      join(broken, 'site', 'sitecustomize.py'),
      readFileSync(join(hook, 'site', 'sitecustomize.py')),
    );
    const { out, err } = run(python, ['-c', 'print("ran")'], { PYTHONPATH: join(broken, 'site') });
    expect(out).toBe('ran');
    expect(err).toBe(
      "throughline: the hook was not loaded: ModuleNotFoundError: No module named 'throughline_finecode_start'",
    );
  });
});

describe.runIf(python !== '')('throughline finecode', () => {
  it('shows what install would do, and writes nothing', () => {
    const { stdout, code } = finecode('install', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/throughline_finecode\.pth: would be new\n/);
    expect(stdout).toContain('nothing was written');
    expect(readdirSync(sites())).not.toContain('throughline_finecode.pth');
    expect(finecode('status').code).toBe(1);
  });

  it('installs one file that loads the hook, also under -I and -E, and not under -S', () => {
    const before = readdirSync(sites());
    expect(finecode('install').stdout).toMatch(/throughline_finecode\.pth: new\n/);
    expect(readdirSync(sites()).filter((name) => !before.includes(name))).toEqual([
      'throughline_finecode.pth',
    ]);
    for (const flags of [[], ['-I'], ['-E']]) {
      expect(run(own, [...flags, '-c', loaded])).toEqual({
        out: "pth ['throughline_finecode_start']",
        err: '',
        code: 0,
      });
    }
    expect(run(own, ['-S', '-c', loaded]).out).toBe('None []');
    expect(readFileSync(join(sites(), 'throughline_finecode.pth'), 'utf8')).toMatch(
      /^[\x20-\x7e\n]+$/,
    );
  });

  it('does nothing when it is installed twice', () => {
    expect(finecode('install').stdout).toMatch(/throughline_finecode\.pth: is as it should be\n/);
  });

  it('takes a directory of venvs', () => {
    const { stdout, code } = throughline(['finecode', 'status', '--venv', scratch]);
    expect(stdout).toContain(`venv    ${venv}`);
    expect(stdout).toMatch(/hook {4}loaded by its \.pth file, version 1, from .*hook\/finecode\n/);
    expect(code).toBe(0);
  });

  it('is one hook in a process that both forms load', () => {
    const finders =
      'import sys; print(sum("Finder" == type(f).__name__ for f in sys.meta_path), sys._throughline_finecode["form"])';
    expect(run(own, ['-c', finders], byEnv()).out).toMatch(/^1 (pth|environment)$/);
  });

  it('says what of FineCode it would patch', () => {
    writeFileSync(join(sites(), 'fake.pth'), `${fake}\n${join(fake, 'otel')}\n`);
    const { stdout, code } = finecode('status');
    rmSync(join(sites(), 'fake.pth'));
    expect(stdout).toContain('12 of 12 would be patched, 0 are not in this venv');
    expect(code).toBe(0);
    expect(finecode('status').stdout).toContain('0 of 0 would be patched, 12 are not in this venv');
  });

  it('tells FineCode, and nobody else, that the hook is gone', () => {
    const file = join(sites(), 'throughline_finecode.pth');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replaceAll('hook/finecode', 'hook/elsewhere'));
    expect(run(own, ['-c', 'print("ran")'])).toEqual({ out: 'ran', err: '', code: 0 });
    const { err } = run(own, ['-c', 'print("ran")', 'finecode']);
    expect(err).toMatch(/^throughline: the hook is not in .*hook\/elsewhere any more \(.*\)$/);
    expect(finecode('status').stdout).toMatch(/is of another throughline, .*hook\/elsewhere/);
    expect(finecode('install').stdout).toMatch(/throughline_finecode\.pth: replaced\n/);
  });

  it('takes out exactly what it put in', () => {
    const file = join(sites(), 'throughline_finecode.pth');
    const before = readdirSync(sites());
    expect(finecode('uninstall', '--dry-run').stdout).toBe(`${file}: would be removed\n`);
    expect(finecode('uninstall').stdout).toBe(`${file}: removed\n`);
    expect(before.filter((name) => !readdirSync(sites()).includes(name))).toEqual([
      'throughline_finecode.pth',
    ]);
    expect(finecode('uninstall').stdout).toBe(`${file}: is not there\n`);
    writeFileSync(file, '# somebody else\n');
    for (const command of ['install', 'uninstall']) {
      expect(finecode(command)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('is not ours'),
      });
    }
    expect(readFileSync(file, 'utf8')).toBe('# somebody else\n');
    rmSync(file);
  });

  it.each([
    [[], '--venv is missing'],
    [['--venv', ''], 'it is empty'],
    [['--venv', '/nonexistent'], '--venv names a directory: /nonexistent'],
    [['--venv', hook], 'is no venv and has none in it'],
  ])('refuses %j', (args, why) => {
    const { code, stderr } = throughline(['finecode', 'install', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(why);
  });
});
