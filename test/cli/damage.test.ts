/**
 * Every command over streams cut at every byte, and with every single bit flipped: nothing is thrown, nothing that the
 * damage put in doubt is shown as certain, and every view says that something is wrong.
 *
 * Here every cut is asked every view, and every bit one view, in turn. The second stream begins with the bytes of the
 * first: no cut there is asked again, and one bit of each byte. `npm run test:damage` leaves nothing out.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type * as Read from '../../src/read/index.js';
import type { ReadPort } from '../../src/wal/disk/read-port.js';
import { completedRun, openRun, portOf, views, type Corpus } from './damage-corpus.js';
import { call, type Said } from './in-process.js';

const isWhole = process.env['THROUGHLINE_DAMAGE'] === 'all';
const budgetMs = isWhole ? 3_600_000 : 120_000;

/** What is on disk is read once for all the views of it: they show the story, and change nothing in it. */
const reading = vi.hoisted(() => ({
  stories: new Map<string, Promise<Read.Story>>(),
  /** Instead of the disk: the one file there is. */
  port: undefined as ReadPort | undefined,
}));
const port = vi.hoisted(() => ({
  list: async (path: string) => (reading.port as ReadPort).list(path),
  open: async (path: string) => (reading.port as ReadPort).open(path),
}));
vi.mock('../../src/wal/disk/read-port.js', () => ({ nodeReadPort: port }));
vi.mock('../../src/wal/disk/bounded-read-port.js', () => ({ boundedReadPort: () => port }));
vi.mock('../../src/read/index.js', async (original) => {
  const read = await original<typeof Read>();
  return {
    ...read,
    readStory: (options: Read.StoryOptions) => {
      const key = JSON.stringify(options);
      const story = reading.stories.get(key) ?? read.readStory(options);
      reading.stories.set(key, story);
      return story;
    },
  };
});
vi.mock('../../src/cli/size.js', () => ({ isLarge: () => Promise.resolve(false) }));

let scratch = '';
let completed: Corpus;
let open: Corpus;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tl-damage-'));
  completed = completedRun(join(scratch, 'completed'));
  open = openRun(join(scratch, 'open'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const ended = '(?:completed|failed|rejected|cancelled|lost)';
/** How the views show a run whose end is known, and a writer that is known to be gone. */
const certain = new RegExp(
  [`"(?:state|outcome|result|verdict)":"${ended}"`, '✓ …', '✗ …', '! …', `[✓✗!⊘] ${ended}`].join(
    '|',
  ),
);
const wrong =
  /"(?:state|outcome)":"(?:failed|rejected|cancelled|lost)"|✗ …|\blost:|[✗!⊘] (?:failed|rejected|cancelled|lost)/;
/** What the truth line says of a stream whose bytes are damaged, in words and in JSON, and of one that is cut short. */
const damaged = /torn|DAMAGED|with a gap|unreadable|"(?:torn|damaged|gap|unreadable)":[1-9]/;
const unfinished =
  /torn|DAMAGED|with a gap|unreadable|ended without a seal|cannot be told|"(?:torn|damaged|gap|unreadable|unsealed|unknown)":[1-9]/;

interface Damage {
  readonly corpus: Corpus;
  readonly bytes: Buffer;
  /** In words, for whoever reads a failure. */
  readonly what: string;
  /** What the truth line has to say at least. */
  readonly truth: RegExp;
  /** Whether the record that ends the run is as it was. */
  readonly isEndWhole: boolean;
}

function cut(corpus: Corpus, at: number): Damage {
  const bytes = corpus.bytes.subarray(0, at);
  const isEndWhole = corpus.end !== undefined && at >= corpus.end.to;
  // Between two records nothing is torn: the stream ends there, without a seal.
  const truth = at === 0 || bytes.at(-1) === 10 ? unfinished : damaged;
  return { corpus, bytes, what: `cut at ${at}`, truth, isEndWhole };
}

function flip(corpus: Corpus, at: number, bit: number): Damage {
  const bytes = Buffer.from(corpus.bytes);
  // oxlint-disable-next-line no-bitwise -- Bits are what it flips.
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  // The newline before it is part of what tells where it begins.
  const { end } = corpus;
  const isEndWhole = end !== undefined && (at < end.from - 1 || at >= end.to);
  return { corpus, bytes, what: `bit ${bit} of ${at} flipped`, truth: damaged, isEndWhole };
}

let asked = 0;
async function ask(damage: Damage, view: readonly string[]): Promise<void> {
  asked += 1;
  const isJson = asked % 2 === 0;
  const where = join(scratch, damage.corpus === open ? 'open' : 'completed');
  const said = await answer([...view, '--root', where, ...(isJson ? ['--json'] : [])]);
  const problem = problemOf(damage, said, view.join(' '), isJson);
  // An expectation each time would take longer than what it looks at.
  if (problem !== '') {
    expect.fail(`${view.join(' ')}, ${damage.what}: ${problem}\n${said.stdout}${said.stderr}`);
  }
}

/** What a command throws must be one of the sentences that `main.ts` prints. */
async function answer(args: readonly string[]): Promise<Said> {
  try {
    return await call(...args);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    if (code !== 'RUN_NOT_FOUND') throw error;
    return { code: 2, stdout: '', stderr: message };
  }
}

function problemOf(damage: Damage, said: Said, view: string, isJson: boolean): string {
  if (![0, 1, 2, 3].includes(said.code)) return `exit code ${said.code}`;
  if (/undefined|NaN|\[object/.test(said.stdout + said.stderr)) return 'a value is missing';
  if (view === 'verify') return isFaultNamed(said, isJson) ? '' : 'the fault is not named';
  if (wrong.test(said.stdout)) return 'a wrong end is shown';
  if (!damage.isEndWhole && certain.test(said.stdout)) return 'an end is shown as certain';
  if (said.code >= 2) return said.stderr === '' ? 'it fails without a word' : '';
  const truth = isJson ? said.stderr : said.stdout.trimEnd().split('\n').slice(-3).join('\n');
  const isSaid = damage.truth.test(truth);
  return isSaid ? '' : 'the truth line is silent';
}

function isFaultNamed({ code, stdout, stderr }: Said, isJson: boolean): boolean {
  if (stdout === '') return code === 3 && stderr !== '';
  return isJson ? !/"fault_count":0/.test(stdout) : /: [A-Z]+ wal-000001\.jsonl:\d+/.test(stdout);
}

/** Puts the damage in place and asks `some` views, or in the whole run all of them. */
async function look(damage: Damage, some: readonly (readonly string[])[]): Promise<void> {
  reading.port = portOf(damage.corpus.file, damage.bytes);
  reading.stories.clear();
  for (const view of isWhole ? views : some) await ask(damage, view);
}

describe.each(['a completed run', 'a run that is open'] as const)('the stream of %s', (name) => {
  it(
    'cut at every byte: no view crashes, shows a wrong end, or is silent about it',
    async () => {
      const corpus = name === 'a completed run' ? completed : open;
      const from = corpus === completed || isWhole ? 0 : corpus.own;
      for (let at = from; at < corpus.bytes.length; at += 1) await look(cut(corpus, at), views);
    },
    budgetMs,
  );

  it(
    'with every single bit flipped: no view crashes, shows a wrong end, or is silent about it',
    async () => {
      const corpus = name === 'a completed run' ? completed : open;
      let turn = 0;
      for (let at = 0; at < corpus.bytes.length; at += 1) {
        const isOnce = corpus === open && at < corpus.own && !isWhole;
        for (const bit of isOnce ? [at % 8] : [0, 1, 2, 3, 4, 5, 6, 7]) {
          turn += 1;
          await look(flip(corpus, at, bit), [views[turn % views.length] ?? []]);
        }
      }
    },
    budgetMs,
  );
});
