/** What both crash runs share: a writer that starts fast, several trials at a time, and a line that says how far it is. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { availableParallelism } from 'node:os';
import { rolldown } from 'rolldown';
import { generator } from './verify.mjs';

const writer = fileURLToPath(new URL('../fixtures/writer.mjs', import.meta.url));

const inPython = (path) =>
  fileURLToPath(new URL(`../../finecode/writer/fixtures/${path}`, import.meta.url));
const modules = fileURLToPath(new URL('../../../src/hook/finecode', import.meta.url));

/** Which writer is to be cut off: ours, or with `--writer python` the one in Python. */
export async function writerCommand(directory) {
  if (!process.argv.includes('--writer')) return [process.execPath, await bundleWriter(directory)];
  const name = process.argv[process.argv.indexOf('--writer') + 1];
  if (name !== 'python')
    throw new Error(`there is no writer "${name}": leave --writer out, or say python`);
  return ['python3', '-B', inPython('crash.py'), modules];
}

/** The writer with the built WAL in one file: loading modules one by one is a third of what a trial costs. */
async function bundleWriter(directory) {
  const file = join(directory, 'writer.mjs');
  const build = await rolldown({ input: writer, platform: 'node' });
  await build.write({ file, format: 'esm' });
  await build.close();
  return file;
}

/**
 * Runs `trial(number, random, lane)` for 1 to `count`, several at a time: most of a trial is waiting. What is random in a
 * trial depends on the seed and its number alone. `summary` gives the end of the line on a terminal.
 */
export async function runTrials({ count, seed, lanes = lanesHere, trial, summary }) {
  const startedMs = performance.now();
  let next = 0;
  let done = 0;
  const runLane = async (lane) => {
    while (next < count) {
      const number = (next += 1);
      await trial(number, generator(seed * 1_000_003 + number), lane);
      done += 1;
      if (process.stderr.isTTY) {
        const leftSeconds = ((performance.now() - startedMs) / done / 1000) * (count - done);
        const line = `${done} of ${count}, ${Math.round(leftSeconds)} s left, ${summary()}`;
        process.stderr.write(`\r${line}\u001b[K${done === count ? '\n' : ''}`);
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(lane)));
  return Math.round((performance.now() - startedMs) / 1000);
}

/** Trials wait for disks, timers and each other's processes: two for each processor keep it busy. */
export const lanesHere = 2 * availableParallelism();
