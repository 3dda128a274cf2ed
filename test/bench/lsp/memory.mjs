// What the adapters cost a round trip, against the same connections without them. Needs a build.
//   node test/bench/lsp/main.mjs [--quick] [--repeats N]
// Ratios of CPU time (nothing here waits); each sample of a subject stands between two samples of its peer.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { comparisons } from './platforms.mjs';

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, repeats: { type: 'string' } },
});
const repeats = Number(flags.repeats ?? (flags.quick ? 15 : 61));
const warmUps = 8;
const child = fileURLToPath(new URL('child.mjs', import.meta.url));

/** Microseconds of CPU a round trip, all threads. */
async function sample(side) {
  side.send('go');
  const [microseconds] = await once(side, 'message');
  return microseconds;
}

function quantile(numbers, part) {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) * part)];
}

console.log(
  `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}, ${repeats} repeats`,
);
const sides = ['subject', 'peer', 'scoped'];
for (const [index, { name, ceiling }] of comparisons.entries()) {
  const children = sides.map((side) => fork(child, [String(index), side]));
  const [subject, peer, scoped] = children;
  for (let count = 0; count < warmUps; count += 1) {
    for (const side of children) await sample(side);
  }
  const kept = { subject: [], peer: [], scoped: [] };
  const ratios = { peer: [], scoped: [] };
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const before = { peer: await sample(peer), scoped: await sample(scoped) };
    const middle = await sample(subject);
    const after = { scoped: await sample(scoped), peer: await sample(peer) };
    kept.subject.push(middle);
    for (const side of ['peer', 'scoped']) {
      kept[side].push(before[side], after[side]);
      ratios[side].push(middle / Math.sqrt(before[side] * after[side]));
    }
  }
  for (const side of children) side.disconnect();
  console.log(`${name}${ceiling === undefined ? '' : ` (at most ${ceiling})`}`);
  console.log(`  ${summary(ratios.scoped, ceiling)} of the same with AsyncLocalStorage in use`);
  console.log(`  ${summary(ratios.peer, ceiling)} of the same without`);
  const microseconds = ['peer', 'scoped', 'subject'].map(
    (side) =>
      `${side} ${quantile(kept[side], 0.5).toFixed(1)} (${Math.min(...kept[side]).toFixed(1)})`,
  );
  console.log(`  µs of CPU, median (least): ${microseconds.join(', ')}`);
}

function summary(ratios, ceiling) {
  const [low, ratio, high] = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part).toFixed(2));
  const verdict = ceiling === undefined ? '' : ratio <= ceiling ? ', met' : ', missed';
  return `${ratio} (quartiles ${low} to ${high}${verdict})`;
}
