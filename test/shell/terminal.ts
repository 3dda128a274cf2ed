/** A real shell, interactive, on a pseudo-terminal: `script` of util-linux makes one. Lines are typed ahead. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin, plainEnv } from '../cli/bin.js';

export type Shell = 'bash' | 'zsh' | 'fish' | 'sh';

/** How the shell is started, and which file it reads first. */
const starts: Readonly<Record<Shell, { readonly command: string; readonly rc: string }>> = {
  bash: { command: 'bash -i', rc: '.bashrc' },
  zsh: { command: 'zsh -i', rc: '.zshrc' },
  fish: { command: 'fish -i', rc: '.config/fish/config.fish' },
  // Debian's /bin/sh, by its own name so that it is not somebody's bash.
  sh: { command: 'dash -i', rc: '.shrc' },
};

const found = new Map<string, boolean>();

/** Whether the shell and a terminal for it are here. Says once, in one line, what would install them. */
export function isThere(program: string, apt: string): boolean {
  const known = found.get(program);
  if (known !== undefined) return known;
  const looks = spawnSync('sh', ['-c', `command -v ${program} && command -v script`]);
  const isHere = looks.status === 0;
  found.set(program, isHere);
  if (!isHere) {
    console.log(`skipped: ${program} on a terminal is not here (apt-get install -y ${apt})`);
  }
  return isHere;
}

export interface Home {
  readonly path: string;
  readonly hook: string;
  /** Types the lines and `exit`; resolves with what was appended to `$OUT`, line by line. */
  type(shell: Shell, lines: readonly string[], options?: TypeOptions): Promise<readonly string[]>;
  remove(): void;
}

export interface TypeOptions {
  /** Stands in the shell's start file, before the hook and behind it. */
  readonly before?: string;
  readonly after?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly hookless?: boolean;
  /** In front of the shell's command: a tracer. */
  readonly under?: string;
}

const deadlineMs = 15_000;

/** A home directory whose shells start with the hook. */
export function home(shell: Shell): Home {
  const path = mkdtempSync(join(tmpdir(), 'tl-shell-'));
  const hook = join(path, `hook.${shell}`);
  const printed = spawnSync(process.execPath, [bin, 'shell-init', shell], { encoding: 'utf8' });
  writeFileSync(hook, printed.stdout);
  const { command, rc } = starts[shell];
  const file = join(path, rc);
  mkdirSync(join(file, '..'), { recursive: true });
  // fish makes completions of all manual pages, once, unless they are there.
  mkdirSync(join(path, '.local/share/fish/generated_completions'), { recursive: true });
  const out = join(path, 'out');
  return {
    path,
    hook,
    async type(_, lines, options = {}) {
      const hooked = options.hookless === true ? '' : `. ${hook}`;
      writeFileSync(file, `${options.before ?? ''}\n${hooked}\n${options.after ?? ''}\n`);
      rmSync(out, { force: true });
      const env = { ...plainEnv, HOME: path, ENV: file, OUT: out, TERM: 'dumb', ...options.env };
      const typed = [...lines, 'exit', ''].join('\n');
      const screen = await onTerminal(`${options.under ?? ''} ${command}`.trim(), typed, env, path);
      if (!existsSync(out)) throw new Error(`nothing was written; the screen: ${screen}`);
      return readFileSync(out, 'utf8').trimEnd().split('\n');
    },
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function onTerminal(
  command: string,
  typed: string,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<string> {
  const child = spawn('script', ['-qfec', command, '/dev/null'], { env, cwd });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
  });
  child.stdin.write(typed);
  return new Promise((settle, fail) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      fail(new Error(`the shell did not end; its screen: ${screen}`));
    }, deadlineMs);
    child.once('error', fail);
    child.once('close', () => {
      clearTimeout(late);
      settle(screen);
    });
  });
}
