/** Keys pressed one after the other in a real interactive shell, each when the screen shows what the last one did. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface Session {
  /** The shell's command line and environment; `$OUT` is a file that its commands append to. */
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly out: string;
  /** What the prompt shows. */
  readonly prompt: string;
}

/** Keys, and what the screen shows once they were taken. */
export type Step = readonly [keys: string, shows: string];

const deadlineMs = 10_000;

/** Presses the keys of each line and Enter behind them; resolves with what the commands appended. */
export async function press(
  { command, env, cwd, out, prompt }: Session,
  lines: readonly (readonly Step[])[],
): Promise<readonly string[]> {
  const child = spawn('script', ['-qfec', command, '/dev/null'], { env, cwd });
  const ended = new Promise((settle) => {
    child.once('close', settle);
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
  });
  const written = (): readonly string[] =>
    existsSync(out) ? readFileSync(out, 'utf8').split('\n').slice(0, -1) : [];
  const until = async (is: () => boolean): Promise<void> => {
    const deadline = Date.now() + deadlineMs;
    while (!is()) {
      if (Date.now() > deadline) throw new Error(`not on the screen: ${JSON.stringify(screen)}`);
      await new Promise((wake) => {
        setTimeout(wake, 10);
      });
    }
  };
  try {
    for (const [index, steps] of lines.entries()) {
      await until(() => screen.includes(prompt));
      for (const [keys, shows] of steps) {
        screen = '';
        child.stdin.write(keys);
        await until(() => screen.includes(shows));
      }
      screen = '';
      child.stdin.write('\r');
      await until(() => written().length > index);
    }
    return written();
  } finally {
    // Asked to end, the shell has written its history when it has ended.
    child.stdin.write('exit\r');
    const late = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    await ended;
    clearTimeout(late);
  }
}
