/**
 * A real FineCode: `FINECODE_HOME` is a venv it is installed in, or a workspace that has one in .venvs/dev_workspace. The same tests then run against it, in a
 * workspace with the actions of `real/`. Without it they run against our own fake of it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = process.env['FINECODE_HOME'];
if (home === undefined) {
  console.log(
    'skipped: FINECODE_HOME is not set, the hook is tried with our fake of FineCode only',
  );
}

export const isReal: boolean = home !== undefined;
if (isReal) {
  console.log('skipped with a real FineCode: forks, damaged copies, the LSP server, addDir');
}

export interface Installation {
  readonly python: string;
}

/** Makes the directory a workspace of it; undefined when there is none. */
export function installation(directory: string): Installation | undefined {
  if (home === undefined) return undefined;
  const own = join(home, '.venvs', 'dev_workspace');
  const base = join(existsSync(own) ? own : home, 'bin', 'python');
  if (!existsSync(base)) throw new Error(`FINECODE_HOME has no venv: ${base} is not there`);
  cpSync(fileURLToPath(new URL('real', import.meta.url)), directory, { recursive: true });
  const site = run(base, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))']);
  for (const env of ['dev_workspace', 'dev_no_runtime']) {
    const venv = join(directory, '.venvs', env);
    mkdirSync(join(directory, '.venvs'), { recursive: true });
    run(base, ['-m', 'venv', '--without-pip', venv]);
    const python = join(venv, 'bin', 'python');
    const packages = run(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))']);
    const lines = [`import site; site.addsitedir(${JSON.stringify(site)})`, directory, ''];
    writeFileSync(join(packages, 'finecode_home.pth'), lines.join('\n'));
  }
  return { python: join(directory, '.venvs', 'dev_workspace', 'bin', 'python') };
}

function run(file: string, args: readonly string[]): string {
  const done = spawnSync(file, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${file}: ${done.stderr}`);
  return done.stdout.trim();
}
