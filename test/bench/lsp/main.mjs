// What the adapters cost a round trip, against the same connections without them. Needs a build.
//   node test/bench/lsp/main.mjs [--quick] [--only TEXT]     (--only: comparisons whose title has the text in it)
// Two benches: a recorded dialogue with a server in a process of its own, by the clock, as the editor sees it; and a hover
// in memory, by CPU time, the round trip with the least in it that is not ours.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { overTheDialogue } from './dialogue/run.mjs';
import { inMemory } from './memory.mjs';

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string', default: '' } },
});
const comparisons = [
  ...overTheDialogue({ rounds: flags.quick ? 3 : 15 }),
  ...inMemory({ repeats: flags.quick ? 15 : 61 }),
].filter(({ title }) => title.includes(flags.only));

console.log(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}`);
for (const { title, compare } of comparisons) {
  console.log(title);
  for (const line of await compare()) console.log(`  ${line}`);
}
