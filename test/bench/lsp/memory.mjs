// Round trips in one process over pipes of memory, in CPU time: nothing in them waits.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connections } from './connections.mjs';
import { quantile, summary } from './numbers.mjs';
import { sides } from './sides.mjs';

const warmUps = 8;
const child = fileURLToPath(new URL('memory-child.mjs', import.meta.url));

export const inMemory = ({ repeats }) =>
  connections.map(({ name, ceiling }, index) => ({
    title: `in memory, ${name}${ceiling === undefined ? '' : ` (at most ${ceiling})`}`,
    compare: () => compare(index, ceiling, repeats),
  }));

/** Microseconds of CPU a round trip, all threads. */
async function sample(process) {
  process.send('go');
  const [microseconds] = await once(process, 'message');
  return microseconds;
}

async function compare(index, ceiling, repeats) {
  const children = sides.map((side) => [side, fork(child, [String(index), side])]);
  for (let count = 0; count < warmUps; count += 1) {
    for (const [, process] of children) await sample(process);
  }
  const rows = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    // There and back: what drifts in between drifts for all of them.
    const row = {};
    for (const [side, process] of children) row[side] = [await sample(process)];
    for (const [side, process] of children.toReversed()) row[side].push(await sample(process));
    rows.push(row);
  }
  for (const [, process] of children) process.disconnect();
  const ratio = (one, other) =>
    rows.map((row) => Math.sqrt((row[one][0] * row[one][1]) / (row[other][0] * row[other][1])));
  const microseconds = sides.map(
    (side) =>
      `${side} ${quantile(
        rows.flatMap((row) => row[side]),
        0.5,
      ).toFixed(1)}`,
  );
  return [
    `${summary(ratio('subject', 'scoped'), ceiling)} of the same with AsyncLocalStorage in use`,
    `${summary(ratio('subject', 'peer'), ceiling)} of the same without`,
    `${summary(ratio('bound', 'peer'), ceiling)}: a bare AsyncLocalStorage.run for each message, of the same without`,
    `${summary(ratio('subject', 'bound'))}: the adapters next to that`,
    `µs of CPU, median: ${microseconds.join(', ')}`,
  ];
}
