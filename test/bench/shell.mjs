// What the shell hooks cost per command line: `node test/bench/shell.mjs`. The hook's function is called in a loop inside
// each shell, as the shell calls it, and the empty loop is taken off; medians of 9 loops of 500. No terminal, no process.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const limitMs = 0.3;
const hook = (shell) =>
  fileURLToPath(new URL(`../../src/cli/shell/hook.${shell}`, import.meta.url));

// Each prints one line per loop: microseconds, or seconds, for 500 calls and for 500 times nothing.
const programs = {
  bash: [
    '--norc',
    '-ic',
    `. ${hook('bash')}
    for loop in 1 2 3 4 5 6 7 8 9; do
      a=$EPOCHREALTIME; for ((i = 0; i < 500; i++)); do _throughline_seen=; eval "$PROMPT_COMMAND"; done
      b=$EPOCHREALTIME; for ((i = 0; i < 500; i++)); do _throughline_seen=; eval :; done
      c=$EPOCHREALTIME; echo "$a $b $c"
    done`,
  ],
  zsh: [
    '-fic',
    `. ${hook('zsh')}; zmodload zsh/datetime
    for loop in 1 2 3 4 5 6 7 8 9; do
      a=$EPOCHREALTIME; for ((i = 0; i < 500; i++)); do _throughline_preexec true; done
      b=$EPOCHREALTIME; for ((i = 0; i < 500; i++)); do :; done
      c=$EPOCHREALTIME; echo "$a $b $c"
    done`,
  ],
  fish: [
    '--no-config',
    '-ic',
    `source ${hook('fish')}
    for loop in 1 2 3 4 5 6 7 8 9
      set a (date +%s.%N); for i in (seq 500); emit fish_preexec true; end
      set b (date +%s.%N); for i in (seq 500); emit nothing true; end
      set c (date +%s.%N); echo $a $b $c
    end`,
  ],
};

for (const [shell, args] of Object.entries(programs)) {
  const ran = spawnSync(shell, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  if (ran.error) {
    console.log(`${shell}: skipped, not installed (apt-get install -y ${shell})`);
    continue;
  }
  const costs = ran.stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
    .map(([a, b, c]) => ((b - a - (c - b)) / 500) * 1000)
    .sort((one, other) => one - other);
  const median = costs[Math.floor(costs.length / 2)];
  console.log(`${shell}: ${median.toFixed(3)} ms per command line (median of ${costs.length})`);
  if (shell === 'bash' && !(median <= limitMs)) {
    console.log(`bash is over its limit of ${limitMs} ms`);
    process.exitCode = 1;
  }
}
