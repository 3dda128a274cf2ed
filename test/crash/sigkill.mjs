/**
 * Kills real writers with SIGKILL at random moments and compares what they had acknowledged with what is read back.
 *
 *   node test/crash/sigkill.mjs [--kills 200] [--seed N] [--writer python]
 *      10,000 take about twenty minutes on two cores
 *
 * Fails when an acknowledged record is lost or a false verdict is given, and also when the kills were too harmless to
 * prove anything: fewer than 1 % left a torn tail, or fewer than 30 % had unacknowledged appends.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runTrials, writerCommand } from './support/run.mjs';
import { listen, numberOption, verify } from './support/verify.mjs';

const kills = numberOption('kills', 200);
const seed = numberOption('seed', Date.now() % 1_000_000);
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const total = {
  kills: 0,
  acknowledged: 0,
  covered: 0,
  torn: 0,
  unacknowledged: 0,
  lost: 0,
  falsely: 0,
};
const workspace = mkdtempSync(join(tmpdir(), 'throughline-kill-'));
const [command, ...writer] = await writerCommand(workspace);

async function trial(number, random) {
  // Every second load is heavy, and on a file system in memory where there is one: a kill tears a write, not a sync,
  // and there nearly all the time is spent in writes. (What survives a kill is the page cache, on any disk.)
  const isHeavy = number % 4 > 1;
  // One write of megabytes, again and again, and the kill when the file is seen to grow: most of these leave a torn tail,
  // so that a run of 200 has a dozen of them and the check below does not depend on luck.
  const isTorrent = number % 8 === 3;
  const root = mkdtempSync(join(isHeavy ? memory : tmpdir(), 'throughline-kill-'));
  const load = {
    root,
    seed: random(1_000_000),
    sync: number % 2 === 0 ? 'worker' : 'inline',
    clients: isHeavy ? 64 : [1, 16, 64][random(3)],
    padMax: isHeavy ? 250_000 : [300, 4000, 30_000][random(3)],
    segmentBytesMax: isHeavy ? 32_000_000 : [8_000, 1_000_000, 8_000_000][random(3)],
    preallocateBytes: [0, 0, 65_536, 1_048_576][random(4)],
    // A third is nearly all relaxed: by the time a kill comes most of it is written, and little of it synced.
    kinds: number % 3 === 0 ? 'relaxed' : 'mixed',
    relaxedDelayMsMax: [5, 100][random(2)],
    ...(isTorrent
      ? { clients: 16, padMin: 400_000, padMax: 100_000, flushBytesMax: 8_000_000 }
      : {}),
  };
  const delayMs = random(40);
  const child = spawn(command, [...writer, JSON.stringify(load)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { said, firstAcknowledged, ended } = listen(child);
  await Promise.race([firstAcknowledged, ended]);
  await sleep(delayMs);
  if (isTorrent) untilItGrows(root);
  child.kill('SIGKILL');
  await ended;
  if (child.signalCode !== 'SIGKILL') throw new Error('the writer ended by itself');
  const result = await verify(root, said);
  total.kills += 1;
  total.acknowledged += result.acknowledged;
  total.covered += result.covered;
  total.lost += result.lost.length;
  total.falsely += result.falsely.length;
  if (result.torn > 0) total.torn += 1;
  if (result.unacknowledged > 0) total.unacknowledged += 1;
  if (result.lost.length > 0 || result.falsely.length > 0) {
    console.error(JSON.stringify({ number, load, delayMs, ...result }));
  } else {
    rmSync(root, { recursive: true });
  }
}

/** Returns in the middle of a write, or after a while. Busy on purpose: a timer would come when the write is over. */
function untilItGrows(root) {
  const streams = join(root, 'wal', 'wm');
  const [stream] = readdirSync(streams);
  if (stream === undefined) return;
  const directory = join(streams, stream);
  const file = join(directory, readdirSync(directory).toSorted().at(-1) ?? '');
  const { size } = statSync(file);
  const until = performance.now() + 300;
  while (performance.now() < until && statSync(file).size === size);
}

const summary = () => `${total.torn} torn, ${total.lost} lost, ${total.falsely} false verdicts`;
const seconds = await runTrials({ count: kills, seed, trial, summary });
rmSync(workspace, { recursive: true });
console.log(`sigkill: seed ${seed} ${JSON.stringify({ ...total, seconds })}`);
if (total.lost > 0 || total.falsely > 0) process.exitCode = 1;
// A few kills prove nothing either way.
if (kills >= 100 && (total.torn < kills * 0.01 || total.unacknowledged < kills * 0.3)) {
  console.error('sigkill: too few kills tore a record or caught an append under way');
  process.exitCode = 1;
}
