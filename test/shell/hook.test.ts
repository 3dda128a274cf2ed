/** The hooks in the real shells, typed at. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, throughline } from '../cli/bin.js';
import { home, isThere, type Home, type Shell } from './terminal.js';

const say = 'echo "$TRACEPARENT $TRACESTATE" >> $OUT';
const root = /^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/;
const started = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** Prints what the shell calls at a prompt or before a command. */
const listed: Readonly<Record<Shell, string>> = {
  bash: 'echo "$PROMPT_COMMAND"',
  zsh: 'echo $preexec_functions',
  fish: 'functions --handlers | string match "*throughline*"',
  sh: ':',
};

function ids(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.split(' ')[0] ?? '');
}

describe.each(['bash', 'zsh', 'fish'] as const)('in %s', (shell: Shell) => {
  const here = isThere(shell, `${shell} bsdutils`);
  let at: Home;
  beforeAll(() => {
    if (here) at = home(shell);
  });
  afterAll(() => at?.remove());

  it.runIf(here)('every command line has a root id of its own', async () => {
    const lines = await at.type(shell, [say, '', say, '', '', say]);
    expect(ids(lines).length).toBe(3);
    for (const id of ids(lines)) expect(id).toMatch(root);
    const parts = ids(lines).flatMap((id) => [id.slice(3, 35), id.slice(36, 52)]);
    expect(new Set(parts).size).toBe(6);
    expect(lines[0]?.split(' ')[1]).toBe(`tl=;cli;;;${shell}`);
  });

  // fish does not let go of such a line.
  const lets = shell === 'fish' ? [] : ['a line that cannot be parsed harms nothing'];
  it.runIf(here).each(lets)('%s', async () => {
    const lines = await at.type(shell, [say, 'echo )', say]);
    expect(ids(lines).length).toBe(2);
    for (const id of ids(lines)) expect(id).toMatch(root);
    expect(new Set(ids(lines)).size).toBe(2);
  });

  it.runIf(here)('everything one line starts has the same id', async () => {
    const script = `sh -c '${say}'`;
    const lines = await at.type(shell, [`${say}; ${script}; ${script} | cat; ${script} &`, 'wait']);
    expect(lines.length).toBe(4);
    expect(new Set(lines).size).toBe(1);
  });

  it.runIf(here)(
    'a shell in the shell has ids of its own, and links to what it was started by',
    async () => {
      const command = `${shell} -i`;
      const lines = await at.type(shell, [say, `${say}; ${command}`, say, say, 'exit', say]);
      const [first, outer, inner, second, last] = ids(lines);
      expect(new Set([first, outer, inner, second, last]).size).toBe(5);
      const link = `${outer?.slice(3, 35)}-${outer?.slice(36, 52)}`;
      expect(lines[2]).toBe(`${inner} tl=;cli;;;${shell},tl-links=${link}`);
      expect(lines[3]).toBe(`${second} tl=;cli;;;${shell},tl-links=${link}`);
      expect(lines[4]).toBe(`${last} tl=;cli;;;${shell}`);
    },
  );

  it.runIf(here)('what it was itself started under is a link, and leaves no baggage', async () => {
    const env = { TRACEPARENT: started, TRACESTATE: 'vendor=1', BAGGAGE: 'user=7' };
    const [line] = await at.type(shell, [say.replace('"$T', '"$BAGGAGE $T')], { env });
    expect(line).toMatch(
      new RegExp(
        `^ 00-[0-9a-f]{32}-[0-9a-f]{16}-03 tl=;cli;;;${shell},tl-links=0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331$`,
      ),
    );
    expect(line).not.toMatch(/^ 00-0af7651916cd43dd/);
  });

  it.runIf(here)('sourcing it again changes nothing', async () => {
    const again = `. ${at.hook}`;
    const lines = await at.type(
      shell,
      [say, again, again, say, 'throughline_last >> $OUT', `${listed[shell]} >> $OUT`],
      { after: again },
    );
    expect(lines[0]).toMatch(new RegExp(`tl=;cli;;;${shell}$`));
    expect(lines[1]).toMatch(new RegExp(`tl=;cli;;;${shell}$`));
    expect(lines[2]).toBe(ids(lines)[1]);
    expect(
      lines
        .slice(3)
        .join('\n')
        .match(/_throughline_\w+/g)?.length,
    ).toBe(1);
  });

  it.runIf(here)(
    'throughline_last prints the id of the line before, which `throughline id` takes',
    async () => {
      const lines = await at.type(shell, [
        'throughline_last 2>> $OUT',
        say,
        '',
        'throughline_last >> $OUT',
        'false',
        say,
        'cat /dev/null',
        'echo (throughline_last) >> $OUT'.replace('(', shell === 'fish' ? '(' : '$('),
      ]);
      expect(lines[0]).toBe('throughline: no command yet');
      expect(lines[2]).toBe(ids(lines)[1]);
      expect(lines[4]).toMatch(root);
      expect(lines[4]).not.toBe(ids(lines)[3]);
      expect(throughline(['id', lines[2] ?? '']).stdout).toContain(lines[2]?.slice(3, 35));
    },
  );

  it.runIf(here)('`throughline run` continues the id of its line', async () => {
    const run = `${process.execPath} ${bin} run -- sh -c '${say}'`;
    const [line, child] = await at.type(shell, [`${say}; ${run}`]);
    expect(child?.slice(3, 35)).toBe(line?.slice(3, 35));
    expect(child).not.toBe(line);
    expect(child).toMatch(/-03 tl=[0-9A-Z]{13};cli;;sh$/);
  });

  it.runIf(here)('a shell that is not interactive keeps the id it was given', async () => {
    const inner =
      shell === 'fish'
        ? `fish -c 'source ${at.hook}; ${say}'`
        : `${shell} -c '. ${at.hook}; ${say}'`;
    const lines = await at.type(shell, [`${say}; ${inner}`]);
    expect(lines[1]).toBe(lines[0]);
  });

  it.runIf(here && isThere('strace', 'strace'))('no process is started for a command', async () => {
    const trace = join(at.path, 'trace');
    const forks = async (hookless: boolean, lines: readonly string[]): Promise<number> => {
      const under = `strace -f -qq -e trace=clone,clone3,fork,vfork,execve -o ${trace}`;
      await at.type(shell, ['echo x >> $OUT', ...lines], { hookless, under });
      return readFileSync(trace, 'utf8')
        .split('\n')
        .filter(
          (text) => / (?:v?fork|clone3?|execve)\(/.test(text) && !text.includes('CLONE_THREAD'),
        ).length;
    };
    const lines = ['true', 'true', '', 'true', 'true', 'true'];
    // In a new home directory a shell's first start makes files.
    await forks(false, []);
    expect(await forks(false, lines)).toBe(await forks(true, lines));
  });
});

describe('what was in .bashrc is kept by the hook for bash', () => {
  const here = isThere('bash', 'bash bsdutils');
  let at: Home;
  beforeAll(() => {
    at = home('bash');
  });
  afterAll(() => at.remove());

  it.runIf(here)('a PROMPT_COMMAND that is a text, with $? and PIPESTATUS', async () => {
    const before = `PROMPT_COMMAND='echo "prompt $? \${PIPESTATUS[*]}" >> $OUT'`;
    const lines = await at.type('bash', ['(exit 3)', 'true | false | true', say], { before });
    expect(lines.slice(0, 3)).toEqual(['prompt 0 0', 'prompt 3 3', 'prompt 0 0 1 0']);
    expect(ids(lines)[3]).toMatch(root);
  });

  it.runIf(here)('a PROMPT_COMMAND that is a list, before and behind', async () => {
    const before = `one() { echo "one $?" >> $OUT; }; two() { echo "two $?" >> $OUT; }; PROMPT_COMMAND=(one two)`;
    const lines = await at.type('bash', ['(exit 3)', say], {
      before,
      after: 'PROMPT_COMMAND+=(one)',
    });
    expect(lines.slice(3, 6)).toEqual(['one 3', 'two 3', 'one 3']);
    expect(ids(lines)[6]).toMatch(root);
  });

  it.runIf(here)('a DEBUG trap and PS0', async () => {
    const before = `trap 'echo "trap $BASH_COMMAND" >> $OUT' DEBUG; PS0='$(echo ps0 >> $OUT)'`;
    const lines = await at.type('bash', ['true', say], { before });
    expect(lines).toContain('ps0');
    expect(lines).toContain('trap true');
    expect(ids(lines).filter((id) => root.test(id)).length).toBe(1);
  });

  it.runIf(here)('strict options, with which it still works', async () => {
    const lines = await at.type('bash', [say, 'true', say], {
      before: 'set -uo pipefail -T; set -a',
    });
    expect(new Set(ids(lines)).size).toBe(2);
  });
});

describe('what was in .zshrc is kept by the hook for zsh', () => {
  const here = isThere('zsh', 'zsh bsdutils');
  let at: Home;
  beforeAll(() => {
    if (here) at = home('zsh');
  });
  afterAll(() => at?.remove());

  it.runIf(here)('preexec and the functions beside it', async () => {
    const before = `preexec() { echo "mine $1" >> $OUT }; other() { echo "other $1" >> $OUT }; preexec_functions=(other)`;
    const lines = await at.type('zsh', ['true', say], { before });
    expect(lines).toEqual(expect.arrayContaining(['mine true', 'other true']));
    expect(ids(lines).filter((id) => root.test(id)).length).toBe(1);
  });

  it.runIf(here)('options of other shells, with which it still works', async () => {
    const options = 'ksh_arrays sh_word_split no_unset warn_create_global c_bases';
    const lines = await at.type('zsh', [say, 'true', say], { before: `setopt ${options}` });
    for (const id of ids(lines)) expect(id).toMatch(root);
    expect(new Set(ids(lines)).size).toBe(2);
  });
});

describe('in fish', () => {
  const here = isThere('fish', 'fish bsdutils');
  it.runIf(here)('another listener to fish_preexec is kept', async () => {
    const at = home('fish');
    const before = 'function mine --on-event fish_preexec; echo "mine $argv" >> $OUT; end';
    const lines = await at.type('fish', ['true', say], { before });
    expect(lines).toContain('mine true');
    expect(ids(lines).filter((id) => root.test(id)).length).toBe(1);
    at.remove();
  });
});

describe('in a plain sh', () => {
  const here = isThere('dash', 'dash bsdutils');
  it.runIf(here)('the session has one id, and says so', async () => {
    const at = home('sh');
    // Its prompts go to stderr too, so only what the hook says is kept.
    const after = `{ . ${at.hook}; . ${at.hook}; } 2>> $OUT`;
    const lines = await at.type(
      'sh',
      [say, say, 'throughline_last >> $OUT', 'dash -i', say, 'exit'],
      { hookless: true, after, env: { TRACEPARENT: started } },
    );
    const [note, first, second, last, nestedNote, nested] = lines;
    expect(note).toMatch(
      /^throughline: sh has no hook before commands: one id for this session, 00-[0-9a-f]{32}-[0-9a-f]{16}-03$/,
    );
    expect(first).toMatch(
      /^00-[0-9a-f]{32}-[0-9a-f]{16}-03 tl=;cli;;;sh,tl-links=0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331$/,
    );
    expect(first).not.toContain('00-0af7651916cd43dd');
    expect(second).toBe(first);
    expect(last).toBe(first?.split(' ')[0]);
    expect(note).toContain(last);
    expect(nestedNote).toContain(nested?.split(' ')[0]);
    expect(nested).toContain(`tl-links=${first?.slice(3, 52)}`);
    at.remove();
  });
});

describe('throughline shell-init', () => {
  it('refuses other shells with one sentence and exit code 2', () => {
    expect(throughline(['shell-init', 'csh'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'throughline: there is a hook for bash, zsh, fish and sh, not for "csh"\n',
    });
  });
});
