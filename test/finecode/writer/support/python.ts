/** Runs Python fixtures against the modules in src/hook/finecode, without leaving compiled files there. */
import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { can, type Ended } from '../../../wal/support/child.js';

export const modules: string = fileURLToPath(
  new URL('../../../../src/hook/finecode', import.meta.url),
);
const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));
const isNewEnough = 'import sys; sys.exit(sys.version_info < (3, 9))';

/** The machine's Python, and 3.12, which FineCode runs on. Of one that is not there a line is printed. */
export const pythons: readonly string[] = ['python3', 'python3.12'].filter((python) =>
  can('the writer in Python', python, '-c', isNewEnough),
);

/** What they are without a shim before them, which costs each process of a test more than Python does. */
const executables = new Map(
  pythons.map((python) => {
    const question = ['-c', 'import sys; print(sys.executable, end="")'];
    return [python, execFileSync(python, question, { encoding: 'utf8' })] as const;
  }),
);

export interface PythonOptions {
  /** Put before the interpreter: `bash -c …`, `strace …`. */
  readonly command?: readonly string[];
  /** Default: src/hook/finecode. */
  readonly modules?: string;
  readonly python?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** `python3 fixture MODULES argument`, the argument as JSON. */
export function runPython(
  fixture: string,
  argument: unknown,
  options: PythonOptions = {},
): Promise<Ended> {
  const [file, ...rest]: readonly string[] = [
    ...(options.command ?? []),
    executables.get(options.python ?? 'python3') ?? 'python3',
    '-B',
    // What a later Python would refuse is a fault today.
    '-W',
    'error',
    `${fixtures}/${fixture}`,
    options.modules ?? modules,
    JSON.stringify(argument),
  ];
  const child = spawn(file ?? 'python3', rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** What the fixture printed as JSON; it must have ended well. */
export async function ask<Told>(
  fixture: string,
  argument: unknown,
  options: PythonOptions = {},
): Promise<Told> {
  const { code, signal, stdout, stderr } = await runPython(fixture, argument, options);
  if (code !== 0) throw new Error(`${fixture} ended with ${code ?? signal}: ${stderr}`);
  return JSON.parse(stdout) as Told;
}
