/**
 * The ambient context: which request the running code belongs to. One AsyncLocalStorage for all copies of this module
 * in a process. Code is always entered with `run`, never with `enterWith`: that would leak into the next message.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Context, contextLinksMax } from './context.js';
import type { Origin } from './member.js';

const key = Symbol.for('throughline.scope/1');
const processKey = Symbol.for('throughline.process-context/1');

/** `null`: entered with no context, which is not the same as never entered. */
type Store = Context | null;

let found: AsyncLocalStorage<Store> | undefined;

/** Looked up once: another copy of this module may have been there first, and none replaces it. */
function storage(): AsyncLocalStorage<Store> {
  const shared = globalThis as { [key]?: AsyncLocalStorage<Store> };
  found ??= shared[key] ??= new AsyncLocalStorage();
  return found;
}

/** The context the calling code runs in, if any. */
export function currentContext(): Context | undefined {
  const store = storage().getStore();
  if (store === undefined) return (globalThis as { [processKey]?: Context })[processKey];
  return store ?? undefined;
}

/** Runs `fn` in `context`; with `undefined`, in none. Returns what `fn` returns. */
export function runInContext<Result>(context: Context | undefined, fn: () => Result): Result {
  return storage().run(context ?? null, fn);
}

/**
 * The context of all code that was entered by no `run`: for a one-shot program, whose whole process is one request.
 * Never for a server. Holds wherever the code stands, which `enterWith` does not promise.
 */
export function setProcessContext(context: Context | undefined): void {
  (globalThis as { [processKey]?: Context | undefined })[processKey] = context;
}

/**
 * `fn` bound to the context of the caller: for timers, queues and callbacks that are registered in one request and
 * called in another. The context is taken when `bind` is called, not when the function runs. `this` is the caller's.
 */
export function bind<Arguments extends unknown[], Result>(
  fn: (...args: Arguments) => Result,
  context: Context | undefined = currentContext(),
): (...args: Arguments) => Result {
  return function bound(this: unknown, ...args: Arguments) {
    return runInContext(context, () => fn.apply(this, args));
  };
}

/** Collects the contexts that one piece of shared work serves: a debounce, a cache fill, a batch. */
export interface LinkCollector {
  /** Adds the current context, or the given one. Returns the number collected. */
  add(context?: Context): number;
  /**
   * Runs `fn` and empties the collector. One context collected: `fn` runs in it. Several: `fn` runs in a new root
   * that links to all of them. None: `fn` runs in no context.
   */
  run<Result>(fn: () => Result): Result;
}

/** A new, empty collector. */
export function links(origin?: Origin): LinkCollector {
  let collected: Context[] = [];
  return {
    add(context = currentContext()) {
      if (
        context !== undefined &&
        collected.length < contextLinksMax &&
        !collected.includes(context)
      ) {
        collected.push(context);
      }
      return collected.length;
    },
    run(fn) {
      const causes = collected;
      collected = [];
      return runInContext(contextFor(causes, origin), fn);
    },
  };
}

function contextFor(causes: readonly Context[], origin: Origin | undefined): Context | undefined {
  if (causes.length < 2) return causes[0];
  return Context.begin({
    links: causes.map((cause) => cause.asLink()),
    origin: origin ?? causes[0]?.origin,
  });
}
