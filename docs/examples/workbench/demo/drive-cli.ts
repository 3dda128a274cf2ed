/** The command line as its users start it: through `throughline run`, or bare in a shell that may have a context. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { LogFields } from 'throughline';
import type { ActionName } from '../actions.js';
import { carrierFor, type Asked } from './asked.js';
import { program, repository } from './platform.js';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Env = Readonly<Record<string, string>>;

/** Runs the throughline CLI, built. */
export function throughline(args: readonly string[], env: Env): Promise<Outcome> {
  return execute([join(repository, 'dist/src/cli/main.js'), ...args], env);
}

/** Puts a `workbench` command into `directory`, as a package manager would, and the directory on the PATH. */
export function installWorkbench(directory: string, env: Env): Env {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'workbench');
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${program('fronts/cli.js')}" "$@"\n`);
  chmodSync(file, 0o755);
  return { ...env, PATH: `${directory}${delimiter}${env['PATH'] ?? ''}` };
}

/** `calls` processes at once. Every other one is `throughline run -- workbench …`. */
export function driveCli(
  env: Env,
  calls: number,
  files: readonly string[],
): readonly Promise<Asked>[] {
  return Array.from({ length: calls }, async (_, index): Promise<Asked> => {
    const actions = actionsFor(index);
    const reason = `cli command ${index}`;
    const { carrier, sent } = carrierFor(index);
    const file = files[index % files.length] ?? '.';
    const words = [...actions, file, '--reason', reason, '--json'];
    const shell = {
      ...env,
      ...(carrier.traceparent === undefined ? {} : { TRACEPARENT: carrier.traceparent }),
      ...(carrier.tracestate === undefined ? {} : { TRACESTATE: carrier.tracestate }),
    };
    const outcome = await (isThroughRun(index)
      ? throughline(['run', '--', 'workbench', ...words], shell)
      : execute([program('fronts/cli.js'), ...words], shell));
    return { front: 'cli', reason, actions, told: toldBy(outcome), sent };
  });
}

/** Two through it, two without, and so on: with and without it, each with and without a carrier from outside. */
function isThroughRun(index: number): boolean {
  return index % 8 < 4;
}

/** Every third asks for two actions, which is one batch; every sixth of the others is a check. */
function actionsFor(index: number): readonly ActionName[] {
  if (index % 3 === 1) return ['lint', 'format'];
  return index % 6 === 2 ? ['check'] : ['lint'];
}

/** The ids in the last line of `--json` output. */
export function toldBy({ stdout, stderr, exitCode }: Outcome): LogFields {
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return (JSON.parse(line) as { readonly request: LogFields }).request;
  } catch {
    throw new Error(`no answer (exit code ${exitCode}): ${stderr}${stdout}`);
  }
}

/** Runs Node with `args` to its end. */
export function execute(args: readonly string[], env: Env): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], { env: { ...env } }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode, stdout, stderr });
    });
  });
}
