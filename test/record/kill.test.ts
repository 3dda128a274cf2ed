/** Whoever is killed, and whenever: the streams say what happened, or that nobody saw it. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readStory, walk } from '../../src/read/index.js';
import { bin } from '../cli/bin.js';
import { until } from '../hook/host.js';
import { isAlive } from '../support/process.js';
import { events, startExec } from './exec.js';

const kills = 30;
const atOnce = 5;
const seed = 20_261_121;
const victims = ['recorder', 'command', 'both'] as const;
/** Says its pid when it begins, and that it is done when it is. */
const work = 'echo $$ > pid.new; mv pid.new pid; sleep 0.15; echo > done';

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tl-kill-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Plan {
  readonly name: string;
  readonly victim: (typeof victims)[number];
  /** Counted from the recorder's start, or from the command's. */
  readonly from: 'recorder' | 'command';
  readonly delayMs: number;
}

/** The same for ever: mulberry32. */
function* plans(): Generator<Plan> {
  let state = seed;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  for (let index = 0; index < kills; index += 1) {
    const victim = victims[index % victims.length] ?? 'both';
    const from = index % 2 === 0 ? 'command' : 'recorder';
    const delayMs = Math.floor(random() * (from === 'command' ? 220 : 400));
    yield { name: `${index} ${victim} ${delayMs} ms after the ${from}`, victim, from, delayMs };
  }
}

it(`tells the truth after ${kills} kills of the recorder, the command or both`, async () => {
  const seen: string[] = [];
  const queue = plans();
  const lane = async (): Promise<void> => {
    for (const plan of queue) seen.push(await judge(plan));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  expect(seen).toHaveLength(kills);
  // The plan does reach both: neither is true because nothing was hit.
  expect(seen).toContain('lost');
  expect(seen).toContain('failed');
}, 60_000);

async function judge(plan: Plan): Promise<string> {
  const cwd = join(scratch, plan.name.replaceAll(' ', '-'));
  const root = join(cwd, 'root');
  mkdirSync(cwd);
  const end = await execute(plan, root, cwd);
  const [isStarted, isDone] = [existsSync(join(cwd, 'pid')), existsSync(join(cwd, 'done'))];
  const { requests, truth } = await readStory({ roots: [root] });
  const state = requests.at(0)?.state ?? 'nothing';
  const ends = events(root).filter((event) => /^run\.(?:completed|failed|cancelled)$/.test(event));
  const all = JSON.stringify({ plan: plan.name, state, end, isStarted, isDone, ends });
  expect(requests.length, all).toBeLessThanOrEqual(1);
  expect(truth.conditions.damaged ?? 0, all).toBe(0);
  const isTrue = new Map([
    // No acceptance: nothing was started.
    ['nothing', !isStarted && plan.victim !== 'command'],
    ['completed', isDone && ends.join() === 'run.completed'],
    // Perhaps killed between its work and its end.
    ['failed', plan.victim !== 'recorder' && ends.join() === 'run.failed'],
    // Nobody saw its end, and nobody says that there was none.
    ['lost', end === 'SIGKILL' && plan.victim !== 'command' && ends.length === 0],
  ]).get(state);
  expect(isTrue, all).toBe(true);
  return state;
}

/** Carries the plan out, and waits until neither process is there any more. */
async function execute(plan: Plan, root: string, cwd: string): Promise<number | string | null> {
  const recorder = startExec(['--', 'sh', '-c', work], { root, cwd });
  let end: number | string | null | undefined;
  recorder.once('exit', (code, signal) => {
    end = signal ?? code;
  });
  const pidFile = join(cwd, 'pid');
  if (plan.from === 'command') {
    await until(
      () => existsSync(pidFile),
      () => 'the command did not start',
    );
  }
  await new Promise((due) => {
    setTimeout(due, plan.delayMs);
  });
  if (plan.victim !== 'recorder' && existsSync(pidFile)) kill(pidOf(pidFile));
  if (plan.victim !== 'command') recorder.kill('SIGKILL');
  await until(
    () => end !== undefined && (!existsSync(pidFile) || !isAlive(pidOf(pidFile))),
    () => 'they did not end',
  );
  return end ?? null;
}

function pidOf(file: string): number {
  return Number(readFileSync(file, 'utf8'));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster.
  }
}

it('goes on recording below a recorder that was killed', async () => {
  const cwd = join(scratch, 'nested');
  const root = join(cwd, 'root');
  mkdirSync(cwd);
  const inner = [process.execPath, bin, 'record', 'exec', '--action', 'inner', '--'];
  const outer = startExec(['--action', 'outer', '--', ...inner, 'sh', '-c', work], { root, cwd });
  await until(
    () => existsSync(join(cwd, 'pid')),
    () => 'the command did not start',
  );
  outer.kill('SIGKILL');
  await until(
    () => events(root).includes('run.completed'),
    () => events(root).join(' '),
  );
  const [request] = (await readStory({ roots: [root] })).requests;
  const spans = [...walk(request?.roots ?? [])].map(({ span, depth }) => [
    depth,
    span.name,
    span.state,
  ]);
  expect(spans).toEqual([
    [0, 'outer', 'lost'],
    [1, 'inner', 'completed'],
  ]);
  expect(request?.state).toBe('lost');
});
