/** Completion in the real shells, on a pseudo-terminal: what is typed with the TAB key is what the command is given. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bin, plainEnv } from '../cli/bin.js';
import { press } from './keyboard.js';
import { isThere } from './terminal.js';

interface Start {
  readonly command: string;
  readonly rc: string;
  /** A `throughline` that says what it was given, and a prompt. */
  readonly before: string;
}

const starts: Readonly<Record<string, Start>> = {
  bash: {
    command: 'bash -i',
    rc: '.bashrc',
    before: 'throughline() { printf "%s\\n" "$*" >> "$OUT"; }\nPS1="ready> "',
  },
  zsh: {
    command: 'zsh -i',
    rc: '.zshrc',
    before:
      'autoload -Uz compinit && compinit -D -u\nthroughline() { print -r -- "$*" >> "$OUT" }\nPS1="ready> "',
  },
  fish: {
    command: 'fish -i',
    rc: '.config/fish/config.fish',
    before:
      'function throughline; echo "$argv" >> "$OUT"; end\nfunction fish_prompt; echo "ready> "; end',
  },
};

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tl-keys-'));
  mkdirSync(join(home, 'a-directory'));
  writeFileSync(join(home, 'b-file.txt'), '');
});
afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

function script(shell: string): string {
  const ran = spawnSync(process.execPath, [bin, 'completion', shell], {
    encoding: 'utf8',
    env: plainEnv,
  });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  return ran.stdout;
}

describe.each(Object.entries(starts))('completion in %s', (shell, { command, rc, before }) => {
  it.runIf(isThere(shell, shell))(
    'completes commands, second words, options, their values and files',
    async () => {
      const file = join(home, rc);
      mkdirSync(join(file, '..'), { recursive: true });
      // fish makes completions of all manual pages, once, unless they are there.
      mkdirSync(join(home, '.local/share/fish/generated_completions'), { recursive: true });
      writeFileSync(join(home, 'script'), script(shell));
      writeFileSync(file, `${before}\nsource ${join(home, 'script')}\n`);
      const out = join(home, 'out');
      const env = { ...plainEnv, HOME: home, OUT: out, TERM: 'dumb', PS1: 'ready> ' };
      const typed = await press({ command, env, cwd: home, out, prompt: 'ready> ' }, [
        [
          ['throughline compl\t', 'etion'],
          ['ba\t', 'sh'],
        ],
        [
          ['throughline prox\t', 'y'],
          ['js\t', 'on-rpc'],
        ],
        [['throughline runs --fai\t', 'led']],
        [['throughline run --trust jo\t', 'in']],
        [['throughline runs --root a-d\t', 'irectory']],
        [['throughline who b-f\t', 'ile.txt']],
        [['throughline shell-init zs\t', 'h']],
      ]);
      // A slash behind a directory, and a space behind a word, are each shell's own taste.
      expect(typed.map((line) => line.trim().replace(/\/$/, ''))).toEqual([
        'completion bash',
        'proxy json-rpc',
        'runs --failed',
        'run --trust join',
        'runs --root a-directory',
        'who b-file.txt',
        'shell-init zsh',
      ]);
    },
  );
});

/** What bash's function offers for these words. */
function offered(...words: readonly string[]): string {
  const code = `eval "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _throughline; echo "\${COMPREPLY[*]}"`;
  const given = ['--norc', '-c', code, 'bash', script('bash'), 'throughline', ...words];
  const ran = spawnSync('bash', given, { encoding: 'utf8', env: plainEnv });
  expect(ran.stderr).toBe('');
  return ran.stdout.trim();
}

describe('what is offered', () => {
  it.runIf(isThere('bash', 'bash'))(
    'in bash for RUN is the newest requests, also behind an @',
    () => {
      expect(offered('show', '')).toBe('@0 @-1 @-2 @-3 @-4');
      expect(offered('show', '@')).toBe('0 -1 -2 -3 -4');
      expect(offered('record', '')).toContain('exec');
      expect(offered('run', '--', 'true')).toMatch(/^true\b/);
      expect(offered('runs', '--since', '')).toBe('');
      expect(offered('no-such-command', '')).toBe('');
    },
  );

  it.runIf(isThere('fish', 'fish'))('in fish has the summaries beside it', () => {
    const code = `${script('fish')}
      complete -C 'throughline show '
      complete -C 'throughline run -- tru'
      complete -C 'throughline fail'`;
    const [fish = ''] = (starts['fish']?.command ?? '').split(' ');
    const ran = spawnSync(fish, ['--no-config', '-c', code], {
      encoding: 'utf8',
      env: { ...plainEnv, HOME: home },
    });
    const lines = ran.stdout.trim().split('\n');
    expect(lines.slice(0, 5)).toEqual(['@0', '@-1', '@-2', '@-3', '@-4']);
    expect(lines.some((line) => line.startsWith('true'))).toBe(true);
    expect(lines.at(-1)).toMatch(/^failed\twhat failed, was rejected or was lost/);
  });
});
