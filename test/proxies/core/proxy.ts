/** A proxy as a real process between this one, as its client, and a server. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { bin, plainEnv } from '../../cli/bin.js';
import { statOf } from '../../support/process.js';

export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Proxy {
  readonly pid: number;
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<End>;
  /** What came on stdout so far. */
  readonly stdout: () => Buffer;
  readonly stderr: () => string;
}

export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}

/** `throughline proxy mcp -- SERVER`. */
export function proxyTo(server: readonly string[], env: NodeJS.ProcessEnv = {}): Proxy {
  return startProxy(['proxy', 'mcp', '--', ...server], env);
}

export function startProxy(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  node: readonly string[] = [],
  under: readonly string[] = [],
): Proxy {
  const [file = '', ...rest] = [...under, process.execPath, ...node, bin, ...args];
  const child = spawn(file, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group that can be killed as a whole.
    detached: true,
    env: { ...plainEnv, ...env },
  });
  const [out, err]: [Buffer[], string[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  child.stdin.on('error', () => undefined);
  return {
    pid: child.pid ?? 0,
    process: child,
    ended: new Promise((settle) => {
      child.once('close', (code, signal) => settle({ code, signal }));
    }),
    stdout: () => Buffer.concat(out),
    stderr: () => err.join(''),
  };
}

/** Polls until it is so; fails with what `detail` says. */
export async function until(
  isSo: () => boolean,
  detail: () => string,
  msMax = 10_000,
): Promise<void> {
  const deadline = performance.now() + msMax;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`never: ${detail()}`);
    await new Promise((wake) => {
      setTimeout(wake, 10);
    });
  }
}

/** The processes of a session that are more than a zombie; Linux says so in /proc. */
export function alive(session: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const [state, , group] = statOf(name);
      return group === String(session) && state !== 'Z' && state !== 'X';
    })
    .map(Number);
}

/** The watchdogs there are, by what they were started as. */
export function watchdogs(parent: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return (
          readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('throughline-watchdog') &&
          statOf(name)[1] === String(parent)
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Resident memory in MiB: what there is now, or `VmHWM`, the most there was. */
export function memoryMiB(pid: number, what: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`^${what}:\\s+(\\d+) kB$`, 'm').exec(
    readFileSync(`/proc/${pid}/status`, 'utf8'),
  );
  return Number(line?.[1]) / 1024;
}
