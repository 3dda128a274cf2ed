// Requests of a recorded dialogue, by the clock: a server of each side runs at once, and they take turns.
import { quantile, summary } from '../numbers.mjs';
import { sides } from '../sides.mjs';
import { Editor } from './editor.mjs';
import { sent } from './recorded.mjs';

const warmUps = 3;
const turns = 20;
const scenarios = [
  { asks: 'nobody', name: 'nobody is asked: no id is minted', ceiling: 1.1 },
  {
    asks: 'manager',
    name: 'each request asks the workspace manager: minted and stamped',
    ceiling: 1.3,
  },
];

export const overTheDialogue = ({ rounds }) =>
  scenarios.map(({ asks, name, ceiling }) => ({
    title: `over the dialogue, ${name} (at most ${ceiling})`,
    compare: () => compare(asks, ceiling, rounds),
  }));

async function compare(asks, ceiling, rounds) {
  const { opening, pass } = sent();
  const editors = sides.map((side) => [side, new Editor(side, asks)]);
  for (const [, editor] of editors) await editor.play(opening);
  const cold = await round(editors, pass);
  const rows = [];
  for (let count = 1 - warmUps; count < rounds; count += 1) {
    const some = await round(editors, pass);
    if (count >= 0) rows.push(...some);
  }
  for (const [, editor] of editors) editor.end();
  const ratio = (one, other, what = 'median', of = rows) =>
    of.map((row) => row[one][what] / row[other][what]);
  const microseconds = sides.map(
    (side) =>
      `${side} ${quantile(
        rows.map((row) => row[side].median),
        0.5,
      ).toFixed(0)}`,
  );
  return [
    `${summary(ratio('subject', 'peer'), ceiling)} of the same without`,
    `${summary(ratio('subject', 'scoped'), ceiling)} of the same with AsyncLocalStorage in use`,
    `${summary(ratio('bound', 'peer'), ceiling)}: a bare AsyncLocalStorage.run for each message, of the same without`,
    `${summary(ratio('subject', 'peer', 'sum'))}: all requests of a turn, large answers and all, of the same without`,
    `${summary(ratio('subject', 'peer', 'median', cold))}: the first time, before anything is compiled`,
    `µs a request, median: ${microseconds.join(', ')}`,
  ];
}

/** All of the dialogue, a part of it at a time with each of the servers. */
async function round(editors, pass) {
  const size = Math.ceil(pass.length / turns);
  const rows = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const messages = pass.slice(turn * size, (turn + 1) * size);
    const row = {};
    // Whoever comes first in one turn comes last in the next.
    for (const [side, editor] of turn % 2 === 0 ? editors : editors.toReversed()) {
      const taken = await editor.play(messages);
      row[side] = {
        median: quantile(taken, 0.5),
        sum: taken.reduce((total, one) => total + one, 0),
      };
    }
    rows.push(row);
  }
  return rows;
}
