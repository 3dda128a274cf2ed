/** Runs a fixture in a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));

/** `command` is put before `node fixture argument`. */
export function runFixture(
  fixture: string,
  argument: unknown,
  command: readonly string[] = [],
): Promise<Ended> {
  const [file, ...rest] = [
    ...command,
    process.execPath,
    `${fixtures}/${fixture}`,
    JSON.stringify(argument),
  ];
  const child = spawn(file ?? process.execPath, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
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

/** Whether this machine can do what the test needs. Prints a line when not: a skipped test must be seen. */
export function can(what: string, command: string, ...options: readonly string[]): boolean {
  const isPossible = spawnSync(command, options, { stdio: 'ignore' }).status === 0;
  if (!isPossible) console.log(`SKIPPED: ${what} needs \`${command} ${options.join(' ')}\``);
  return isPossible;
}
