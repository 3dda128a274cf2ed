/** Starts the fixture host as a real process, and reads what it left on disk without any code of ours. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const fixture = fileURLToPath(new URL('fixtures/host.mjs', import.meta.url));

export interface Line {
  readonly [member: string]: unknown;
  readonly event_type: string;
  readonly sequence: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface Host {
  readonly child: ChildProcess;
  /** Everything it said so far, parsed. */
  readonly said: Record<string, unknown>[];
  /** Standard error so far. */
  stderr(): string;
  /** Waits until it has said so many lines. */
  heard(count: number): Promise<void>;
  /** Waits for its end: exit code or signal. */
  ended(): Promise<number | string | null>;
}

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'throughline-hook-'));
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

export function startHost(mode: string, root: string, env: Record<string, string> = {}): Host {
  const { NODE_OPTIONS: _options, TRACEPARENT: _parent, ...inherited } = process.env;
  const child = spawn(process.execPath, [fixture, mode, join(root, '..')], {
    env: { ...inherited, THROUGHLINE_ROOT: root, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said: Record<string, unknown>[] = [];
  let errors = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(JSON.parse(line) as Record<string, unknown>);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const end = new Promise<number | string | null>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? code));
  });
  return {
    child,
    said,
    stderr: () => errors,
    heard: (count) =>
      until(
        () => said.length >= count,
        () => `${said.length} lines; ${errors}`,
      ),
    ended: () => end,
  };
}

/** Polls until the condition holds; fails after ten seconds, saying what was there. */
export async function until(condition: () => boolean, detail: () => string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${detail()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Every whole line of every segment under a root, per stream in order. */
export function linesOf(root: string): Line[] {
  const found: Line[] = [];
  const roles = join(root, 'wal');
  if (!existsSync(roles)) return found;
  for (const role of readdirSync(roles)) {
    for (const writer of readdirSync(join(roles, role)).sort()) {
      for (const segment of readdirSync(join(roles, role, writer)).sort()) {
        const text = readFileSync(join(roles, role, writer, segment), 'latin1');
        const whole = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
        found.push(...whole.filter((line) => line !== '').map((line) => JSON.parse(line) as Line));
      }
    }
  }
  return found;
}
