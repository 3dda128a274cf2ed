/**
 * Cuts the power of a real ext4 file system under a writer, mounts it again and compares.
 *
 *   node test/crash/powercut.mjs [--trials 20] [--seed N] [--require] [--writer python]
 *      1,000 take about five minutes on two cores
 *
 * The cut is ext4's shutdown ioctl without a log flush, on a loop mount: it needs root, Linux, mkfs.ext4 and python3
 * (for the ioctl). Elsewhere it prints SKIPPED, and fails under --require. It does not model a disk that lies about
 * its cache.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { lanesHere, runTrials, writerCommand } from './support/run.mjs';
import { listen, numberOption, verify } from './support/verify.mjs';

const trials = numberOption('trials', 20);
const seed = numberOption('seed', Date.now() % 1_000_000);
const lanes = Math.min(lanesHere, trials);
const directory = mkdtempSync(join(tmpdir(), 'throughline-power-'));
/** For each mount it reads: EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH, and the time just before. */
const cutter = `import fcntl,os,struct,sys,time
for line in sys.stdin:
    fd=os.open(line.strip(),os.O_RDONLY)
    before=time.monotonic_ns()
    fcntl.ioctl(fd,0x8004587d,struct.pack("I",2))
    os.close(fd)
    print(before,flush=True)`;

function tool(command, ...options) {
  execFileSync(command, options, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function skip(reason) {
  rmSync(directory, { recursive: true, force: true });
  console.log(`powercut: SKIPPED, ${reason}`);
  process.exit(process.argv.includes('--require') ? 1 : 0);
}

/**
 * In a mount namespace of its own: a copy of ours in somebody else's namespace would keep the dead file system alive, and
 * the next mount would find it instead of the disk.
 */
function enterNamespace() {
  if (process.env['THROUGHLINE_NAMESPACE'] !== undefined) return;
  const again = [process.execPath, ...process.argv.slice(1)];
  const { status, error } = spawnSync('unshare', ['--mount', ...again], {
    stdio: 'inherit',
    env: { ...process.env, THROUGHLINE_NAMESPACE: '1' },
  });
  if (error !== undefined) skip(`no unshare: ${error.code}`);
  rmSync(directory, { recursive: true, force: true });
  process.exit(status ?? 1);
}

function prepare() {
  if (process.platform !== 'linux') skip('not Linux');
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0) skip('no mount namespaces here');
  enterNamespace();
  const made = [];
  try {
    for (let lane = 0; lane < lanes; lane += 1) made.push(makeDisk(lane));
    return made;
  } catch (error) {
    for (const disk of made) disk.remove();
    return skip(`no ext4 loop mount here: ${String(error.stderr ?? error.message).trim()}`);
  }
}

/** A file system of its own for each lane, and a process that stands ready to cut its power. */
function makeDisk(lane) {
  const image = join(directory, `disk-${lane}.img`);
  const mount = join(directory, `disk-${lane}`);
  mkdirSync(mount);
  tool('truncate', '-s', '192M', image);
  tool('mkfs.ext4', '-q', '-F', image);
  tool('mount', '-o', 'loop', image, mount);
  const child = spawn('python3', ['-c', cutter], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    mount,
    image,
    async cutPower() {
      child.stdin.write(`${mount}\n`);
      return BigInt((await answers.next()).value);
    },
    remove() {
      child.stdin.end();
      tool('umount', mount);
    },
  };
}

async function trial(number, random, lane) {
  const { mount, image, cutPower } = disks[lane];
  const root = join(mount, `trial-${number}`, 'root');
  mkdirSync(join(mount, `trial-${number}`));
  execFileSync('sync', ['-f', mount]);
  const load = {
    root,
    seed: random(1_000_000),
    sync: number % 2 === 0 ? 'worker' : 'inline',
    clients: [1, 8, 32][random(3)],
    padMax: [300, 2000, 12_000][random(3)],
    // A quarter rotates all the time; half are preallocated, and of these most flushes are written past the page cache.
    segmentBytesMax: random(4) === 0 ? 16_000 : 8_000_000,
    preallocateBytes: [0, 0, 65_536, 1_048_576][random(4)],
    // A third is nearly all relaxed: written, synced when it is due, and covered by the next barrier.
    kinds: number % 3 === 0 ? 'relaxed' : 'mixed',
    relaxedDelayMsMax: [5, 100][random(2)],
  };
  // Most cuts fall into the first seconds of a root; some at once.
  const delayMs = [0, 20, 100, 400][random(4)] + random(50);
  const child = spawn(command, [...writer, JSON.stringify(load)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { said, firstAcknowledged, ended } = listen(child);
  await Promise.race([firstAcknowledged, ended]);
  await sleep(delayMs);
  // A datasync under way when the ioctl comes may return 0 although its journal was just aborted: a kernel that lives on
  // after the cut is what the simulation has and a power cut has not. So acknowledgements are timed.
  const cutNs = await cutPower();
  child.kill('SIGKILL');
  await ended;
  tool('umount', mount);
  tool('mount', '-o', 'loop', image, mount);
  const result = await verify(root, said, cutNs);
  total.trials += 1;
  total.acknowledged += result.acknowledged;
  total.covered += result.covered;
  total.torn += result.torn > 0 ? 1 : 0;
  total.unacknowledged += result.unacknowledged > 0 ? 1 : 0;
  total.lost += result.lost.length;
  total.lostAfterCut += result.lostAfterCut.length;
  total.falsely += result.falsely.length;
  if (result.lost.length > 0 || result.falsely.length > 0) {
    console.error(
      JSON.stringify({ number, load, delayMs, ...result, lost: result.lost.slice(0, 5) }),
    );
  }
  rmSync(join(mount, `trial-${number}`), { recursive: true });
}

const disks = prepare();
const total = {
  trials: 0,
  acknowledged: 0,
  covered: 0,
  torn: 0,
  unacknowledged: 0,
  lost: 0,
  lostAfterCut: 0,
  falsely: 0,
};
const [command, ...writer] = await writerCommand(directory);
const summary = () =>
  `${total.acknowledged} acknowledged, ${total.lost} lost, ${total.falsely} false verdicts`;
let seconds = 0;
try {
  seconds = await runTrials({ count: trials, seed, lanes, trial, summary });
} finally {
  for (const disk of disks) disk.remove();
  rmSync(directory, { recursive: true, force: true });
}
console.log(`powercut: seed ${seed} ${JSON.stringify({ ...total, seconds })}`);
if (total.lost > 0 || total.falsely > 0 || total.acknowledged === 0) process.exitCode = 1;
