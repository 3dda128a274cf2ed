/** `-f` for views that need the whole story: it is read again when something new is recorded. Until Ctrl-C. */
import { follow, readStory, type Story } from '../read/index.js';
import { exitCode, type Given } from './command.js';
import { journalOf, reportProblems } from './open-story.js';

/** A story is read again at the earliest after this many times what reading it took. */
const restFactor = 4;
const restMsMin = 100;
/** And without a new record, too: nobody records that a writer died. */
const idleMs = 2000;
const idleFactor = 20;

/** Calls `show` with the story as it is, and again whenever it may have changed. Resolves when the user stops it. */
export async function followStory(
  given: Given,
  show: (story: Story, isFirst: boolean) => void,
): Promise<number> {
  const { roots, ...others } = journalOf(given);
  const stop = stopOnSignal();
  const news = new News();
  // Begun before the first reading, so that nothing falls between the two.
  const watching = watch(roots, news, stop.signal);
  try {
    for (let isFirst = true; !stop.signal.aborted; isFirst = false) {
      const startMs = Date.now();
      const story = await readStory({ roots, ...others });
      const tookMs = Date.now() - startMs;
      if (isFirst) {
        const code = reportProblems(given, story.truth);
        if (story.truth.records === 0) return code;
      }
      show(story, isFirst);
      await pause(Math.max(restMsMin, restFactor * tookMs), stop.signal);
      await news.wait(Math.max(idleMs, idleFactor * tookMs), stop.signal);
    }
    return exitCode.ok;
  } finally {
    stop.end();
    await watching;
  }
}

async function watch(roots: readonly string[], news: News, signal: AbortSignal): Promise<void> {
  for await (const item of follow({ roots, signal })) if (item.kind === 'entry') news.tell();
}

/** Whether there is something new since it was last asked. */
class News {
  #isNew = false;
  #wake: (() => void) | undefined;

  tell(): void {
    this.#isNew = true;
    this.#wake?.();
  }

  /** Until there is, at most so long. */
  async wait(msMax: number, signal: AbortSignal): Promise<void> {
    if (!this.#isNew) {
      await pause(msMax, signal, (wake) => {
        this.#wake = wake;
      });
    }
    this.#wake = undefined;
    this.#isNew = false;
  }
}

/** Aborted by Ctrl-C, which is how a view that goes on is ended and no error; or by `end`. */
export function stopOnSignal(): { readonly signal: AbortSignal; end(): void } {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return {
    signal: abort.signal,
    end: () => {
      stop();
      process.removeListener('SIGINT', stop);
      process.removeListener('SIGTERM', stop);
    },
  };
}

function pause(
  ms: number,
  signal: AbortSignal,
  onStart: (wake: () => void) => void = () => undefined,
): Promise<void> {
  return new Promise((settle) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      settle();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    onStart(end);
    if (signal.aborted) end();
  });
}
