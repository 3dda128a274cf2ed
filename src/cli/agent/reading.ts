/**
 * How the tools read: afresh for each call, one read at a time, and never from memory. Calls that wait for the whole
 * story wait for the same read, which begins after all of them came; so a burst of calls costs two reads and the memory
 * of one. Opens read-only and keeps no cache, not even the one that the command line keeps outside the roots.
 */
import {
  readRequests,
  readStory,
  reconcile,
  type Reconciliation,
  type Request,
  type Story,
} from '../../read/index.js';
import { isEmpty, requestsOf } from '../open-story.js';
import { isLarge } from '../size.js';
import { AgentError } from './error.js';
import { unknownRun } from './near.js';
import { watchedSources, type Places, type Watch } from './watched.js';

/** Who waits for what is read. */
export interface Caller {
  /** Told to stop. Look at it after each pause. */
  readonly signal: AbortSignal;
  /** Tells whoever waits that so many records more were read. */
  readonly progress: (records: number) => void;
}

export interface Found {
  /** Newest first. */
  readonly requests: readonly Request[];
  readonly story: Story;
}

export class Reading {
  readonly #places: () => Places;
  #turn: Promise<unknown> = Promise.resolve();
  /** The read of the whole story that has not begun yet. */
  #waiting: { readonly callers: Caller[]; readonly story: Promise<Story> } | undefined;

  /** `places` is asked for each read: what is there, and what the environment says, may change. */
  constructor(places: () => Places) {
    this.#places = places;
  }

  get places(): Places {
    return this.#places();
  }

  /** The whole story; with `since` of what did not end before. Throws `AgentError` when there is nothing at all. */
  async story(caller: Caller, since?: number): Promise<Story> {
    const story =
      since === undefined
        ? await untilAborted(this.#shared(caller), caller)
        : await this.alone(caller, (watch) =>
            readStory({ roots: [], since, sources: watchedSources(this.places, watch) }),
          );
    return told(story);
  }

  /** The requests that the reference names. Of a large root only what holds the id is read. */
  async requests(caller: Caller, reference: string): Promise<Found> {
    try {
      const { roots, sources } = this.places;
      // Other programs' files cannot be searched: what is beside them is read as a whole, too.
      if (sources !== undefined || !(await isLarge(roots))) {
        const story = await this.story(caller);
        return { requests: requestsOf(story, reference), story };
      }
      return await this.alone(caller, (watch) =>
        readRequests({ roots: [], sources: watchedSources(this.places, watch) }, reference),
      );
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code !== 'RUN_NOT_FOUND' && code !== 'RUN_AMBIGUOUS') throw error;
      throw unknownRun(reference, code, await this.story(caller));
    }
  }

  /** Where the streams contradict each other. */
  async reconcile(caller: Caller): Promise<Reconciliation> {
    const found = await this.alone(caller, (watch) =>
      reconcile({ roots: [], sources: watchedSources(this.places, watch) }),
    );
    told(found.story);
    return found;
  }

  /** Does something that reads, when it is its turn. */
  async alone<Result>(caller: Caller, work: (watch: Watch) => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(() => {
      caller.signal.throwIfAborted();
      return work(watchFor([caller]));
    });
    this.#turn = result.catch(() => undefined);
    return untilAborted(result, caller);
  }

  #shared(caller: Caller): Promise<Story> {
    if (this.#waiting !== undefined) {
      this.#waiting.callers.push(caller);
      return this.#waiting.story;
    }
    const callers = [caller];
    const story = this.#turn.then(() => {
      this.#waiting = undefined;
      return readStory({ roots: [], sources: watchedSources(this.places, watchFor(callers)) });
    });
    this.#turn = story.catch(() => undefined);
    this.#waiting = { callers, story };
    return story;
  }
}

/** Tells everybody who waits; throws once nobody does. */
function watchFor(callers: readonly Caller[]): Watch {
  return (records) => {
    const waiting = callers.filter(({ signal }) => !signal.aborted);
    if (waiting.length === 0) throw new AgentError('cancelled');
    for (const { progress } of waiting) progress(records);
  };
}

/** What others wait for, too, goes on without the one that is cancelled. */
async function untilAborted<Result>(work: Promise<Result>, { signal }: Caller): Promise<Result> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new AgentError('cancelled'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}

/** Nothing was read at all: that is not the same as "nothing happened". */
function told(story: Story): Story {
  const { truth } = story;
  if (!isEmpty(truth)) return story;
  const why = truth.problems.map(({ message }) => message).join('; ');
  throw new AgentError(
    `there is nothing to read, so nothing can be said: ${why === '' ? `none of the ${truth.streams} streams holds a whole record` : why}. ` +
      'A recorder writes there once a host with the hook has run; another place is named where this server is started (throughline mcp --root DIR)',
  );
}
