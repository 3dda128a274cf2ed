/** Reads the story that a reading command is about; says on stderr what could not be read. */
import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import {
  findRequests,
  readRequests,
  readStory,
  type Request,
  type Story,
  type StoryOptions,
  type Truth,
} from '../read/index.js';
import { cacheDirectory } from './cache-directory.js';
import { exitCode, UsageError, type Given } from './command.js';
import { jsonLine } from './json.js';
import { filterOf } from './pick.js';
import { withProgress } from './progress.js';
import { summary } from './render/truth-line.js';
import { journalOf } from './places.js';
import { isLarge } from './size.js';
import { clean } from './text.js';
import type { TimeStyle } from './times.js';

export { journalOf, rootsOf } from './places.js';

export function timeStyle(given: Given): TimeStyle {
  return { isUtc: given.flag('utc') };
}

/** The story, and the exit code that its readability asks for; `undefined` when there is nothing at all to show. */
export async function openStory(
  given: Given,
  options: Omit<StoryOptions, 'roots'> = {},
): Promise<{ readonly story: Story | undefined; readonly code: number }> {
  // What ended before `--since` need not be read; what of the others is asked for, the view decides.
  const { since } = filterOf(given, [], Date.now());
  const all = { since, ...options, ...journalOf(given) };
  // Millions of records are garbage as soon as they are read. More room for young garbage makes that no faster, and is
  // an eighth of what a command may take.
  setFlagsFromString('--semi-space-growth-factor=1');
  const story = await withProgress(() => readStory(all));
  return {
    story: isEmpty(story.truth) ? undefined : story,
    code: reportProblems(given, story.truth),
  };
}

/** The requests that RUN names; of a large root only what holds the id is read. Throws what `findRequests` does. */
export async function openRequests(
  given: Given,
  reference: string,
): Promise<{
  readonly requests: readonly Request[];
  readonly story: Story | undefined;
  readonly code: number;
}> {
  mustBeRun(reference);
  const journal = journalOf(given);
  // Other programs' files cannot be searched: what is beside them is read as a whole, too.
  if (journal.sources === undefined && (await isLarge(journal.roots))) {
    const { requests, story } = await withProgress(() =>
      readRequests({ ...journal, cacheDirectory: cacheDirectory() }, reference),
    );
    return { requests, story, code: reportProblems(given, story.truth) };
  }
  const { story, code } = await openStory(given);
  return {
    requests: story === undefined ? [] : requestsOf(story, reference),
    story,
    code,
  };
}

/** Conditions of a stream that may have held more than was read. */
const doubtful = ['torn', 'gap', 'damaged', 'unreadable'] as const;

/** No id has `=` in it: it would be looked for in vain. Throws `UsageError`. */
export function mustBeRun(reference: string): void {
  if (!reference.includes('=')) return;
  throw new UsageError(
    `"${reference.slice(0, 80)}" is FIELD=VALUE, and here stands RUN: runs, records, inflight, stats and export take FIELD=VALUE`,
  );
}

/** The requests that RUN names. That there is none is said together with what could not be read. */
export function requestsOf(
  { requests, truth }: Pick<Story, 'requests' | 'truth'>,
  reference: string,
): readonly Request[] {
  const isDoubtful =
    truth.foreign > 0 || doubtful.some((one) => truth.conditions[one] !== undefined);
  const doubt = isDoubtful ? `, but not everything could be read (${summary(truth)})` : '';
  return findRequests(requests, reference, doubt);
}

/** Nothing at all can be said; that all there is is too old is something. */
export function isEmpty(truth: Truth): boolean {
  return truth.records === 0 && truth.notRead === 0;
}

/** Says each problem in a sentence. A root that cannot be read never hides the others. */
export function reportProblems(given: Given, truth: Truth): number {
  // A root that nobody named is news to whoever reads its name here.
  const isOwn = given.values('root').length === 0;
  const places = new Set(given.values('finecode').map((place) => resolve(place)));
  for (const { root, message } of truth.problems) {
    complain(`${message}${isOwn && !places.has(root) ? ` (${whoseRoot()})` : ''}`);
  }
  if (truth.problems.length > 0) return exitCode.unreadable;
  if (!isEmpty(truth)) return exitCode.ok;
  complain(`none of the ${truth.streams} streams holds a whole record: nothing can be said`);
  return exitCode.unreadable;
}

function whoseRoot(): string {
  return (process.env['THROUGHLINE_ROOT'] ?? '') === ''
    ? 'where this directory keeps its streams; --root DIR names another place'
    : 'THROUGHLINE_ROOT names it';
}

/** In JSON the truth goes to stderr as one object, so that stdout holds one kind of object. */
export function reportTruth(truth: Truth, note = ''): void {
  const left = note === '' ? null : note;
  process.stderr.write(`${jsonLine('truth/1', { ...truthFields(truth), left_out: left })}\n`);
}

/** The members of `throughline.truth/1` that are about streams. */
export function truthFields(truth: Truth): Readonly<Record<string, unknown>> {
  return {
    streams: truth.streams,
    conditions: truth.conditions,
    records: truth.records,
    duplicates: truth.duplicates,
    later_format: truth.foreign,
    unknown_events: truth.unknownEvents,
    attempts_unseen: truth.attemptsUnseen,
    not_read: truth.notRead,
    searched: truth.searched,
    problems: truth.problems,
  };
}

/** One sentence on stderr. */
export function complain(message: string): void {
  process.stderr.write(`throughline: ${clean(message)}\n`);
}
