/** What a venv's own Python says of the hook: whether it loads there, and which parts of FineCode it would patch. */
import { join } from 'node:path';
import { ask, type Venv } from './venv.js';

export interface HookStatus {
  readonly python: string;
  readonly isLoaded: boolean;
  readonly form: string;
  readonly version: string;
  readonly directory: string;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** `patched`, `absent` (not in this venv), or why not. */
  readonly parts: readonly { readonly module: string; readonly state: string }[];
  readonly stderr: readonly string[];
}

const linesMax = 5;

/** Starts that Python, which then imports what FineCode's processes would. Throws `UsageError`. */
export function askStatus(venv: Venv, hookDirectory: string): HookStatus {
  const code = 'import runpy, sys; runpy.run_path(sys.argv[1], run_name="__main__")';
  const file = join(hookDirectory, 'throughline_finecode_status.py');
  const { said, stderr } = ask(venv.python, code, [file]);
  return {
    python: text(said['python']),
    isLoaded: said['loaded'] === true,
    form: text(said['form']),
    version: text(said['version']),
    directory: text(said['directory']),
    packages: pairs(said['packages']).map(([name, version]) => ({ name, version })),
    parts: pairs(said['parts']).map(([module, state]) => ({ module, state })),
    stderr: stderr === '' ? [] : stderr.split('\n').slice(0, linesMax),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function pairs(value: unknown): readonly [string, string][] {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).map(([name, one]) => [name, text(one)])
    : [];
}
