/** The built command line as a real process. */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The bin that package.json names. */
export const bin: string = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment without anything that would change what is printed or which root is read. */
export const plainEnv: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  TZ: 'UTC',
};

export function throughline(args: readonly string[], env: NodeJS.ProcessEnv = {}): Ran {
  const done = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    env: { ...plainEnv, ...env },
  });
  return { code: done.status, signal: done.signal, stdout: done.stdout, stderr: done.stderr };
}

/** The same, without blocking, for tests that do something to the process meanwhile. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(process.execPath, [bin, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...plainEnv, ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ran>((settle) => {
    child.once('close', (code, signal) => settle({ code, signal, stdout, stderr }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    stdout: () => stdout,
    kill: (signal) => child.kill(signal),
    async said(text) {
      const deadline = Date.now() + 10_000;
      while (!stdout.includes(text)) {
        if (Date.now() > deadline) throw new Error(`never said ${text}: ${stdout}${stderr}`);
        await new Promise((wake) => {
          setTimeout(wake, 10);
        });
      }
    },
  };
}

export interface Started {
  readonly pid: number;
  readonly ended: Promise<Ran>;
  /** So far. */
  stdout(): string;
  kill(signal: NodeJS.Signals): boolean;
  /** Resolves once the text was on stdout. */
  said(text: string): Promise<void>;
}
