/** `throughline run` between a shell and a command, on a terminal: keys do what they do without it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bin, plainEnv } from '../cli/bin.js';
import { isThere } from './terminal.js';

const here = isThere('bash', 'bash bsdutils');
const run = `"${process.execPath}" "${bin}" run --`;
const deadlineMs = 15_000;

let folder = '';
let terminal: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tl-keys-'));
  writeFileSync(join(folder, '.bashrc'), '');
  const env = { ...plainEnv, HOME: folder, OUT: join(folder, 'out'), TERM: 'dumb' };
  if (here) {
    terminal = spawn('script', ['-qfec', 'bash -i', '/dev/null'], {
      env,
      cwd: folder,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
  }
});
afterEach(async () => {
  const ended = new Promise((settle) => terminal?.once('exit', settle));
  terminal?.stdin?.write('\u0003\nexit\nexit\n');
  if (terminal !== undefined) await ended;
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function said(): string {
  const out = join(folder, 'out');
  return existsSync(out) ? readFileSync(out, 'utf8') : '';
}

/** Types keys, and waits until the text was written to `$OUT`. */
async function type(keys: string, until: string): Promise<void> {
  terminal?.stdin?.write(keys);
  const deadline = Date.now() + deadlineMs;
  while (!said().includes(until)) {
    if (Date.now() > deadline) throw new Error(`never said ${until}: ${said()}`);
    await new Promise((wake) => {
      setTimeout(wake, 10);
    });
  }
}

describe.runIf(here)('on a terminal', () => {
  it('Ctrl-C is the command’s to handle, once, and its exit code is the shell’s', async () => {
    const command = `trap "echo int >> $OUT; exit 5" INT; echo ready >> $OUT; while :; do sleep 0.02; done`;
    await type(`${run} sh -c '${command}'; echo "code $?" >> $OUT\n`, 'ready');
    await type('\u0003', 'code 5\n');
    expect(said()).toBe('ready\nint\ncode 5\n');
  });

  it('Ctrl-C ends a command that does not handle it, and the shell sees the signal', async () => {
    // Not `sh`: Debian's loses a SIGINT that comes between its echo and what follows it, with or without us.
    const waits = `require("fs").appendFileSync(process.env.OUT, "ready"); setTimeout(() => {}, 30000)`;
    await type(`${run} node -e '${waits}'\n`, 'ready');
    await type('\u0003', '');
    await type('echo "code $?" >> $OUT\n', 'code 130\n');
  });

  it('Ctrl-Z stops it as a job of the shell, and fg goes on with the terminal at hand', async () => {
    const command = 'echo ready >> $OUT; read line; echo "read $line" >> $OUT';
    await type(`${run} sh -c '${command}'; echo "code $?" >> $OUT\n`, 'ready');
    await type('\u001a', 'code 148\n');
    await type('jobs >> $OUT; echo listed >> $OUT\n', 'listed\n');
    expect(said()).toMatch(/\[1\]\+ +Stopped/);
    await type('fg\nhello\n', 'read hello\n');
  });

  it('the command hears of a new window size', async () => {
    const command = `trap "echo winch >> $OUT" WINCH; stty rows 30 cols 91; stty size >> $OUT; test -t 0 && test -t 1 && test -t 2 && echo tty >> $OUT`;
    await type(`${run} sh -c '${command}'; echo done >> $OUT\n`, 'done\n');
    expect(said()).toMatch(/winch\n/);
    expect(said()).toMatch(/30 91\n(?:winch\n)?tty\n/);
  });
});
