/** What is compared: each side runs in processes of its own, where only it is loaded. */
import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * `subject`: with the adapters. `bound`: with one `AsyncLocalStorage.run` for each message that arrives and nothing
 * else, the least that a scope for each message can cost. `scoped`: without, in a process where somebody else uses
 * AsyncLocalStorage: OpenTelemetry, a logger, a framework. `peer`: without, where nobody does.
 */
export const sides = ['subject', 'bound', 'scoped', 'peer'];

const storage = new AsyncLocalStorage();

/** A process that has once used AsyncLocalStorage pays for it everywhere. */
export function useElsewhere() {
  storage.run({}, () => undefined);
}

/** Connection options of the bound. */
export function bareScopes() {
  return { messageStrategy: { handleMessage: (message, next) => storage.run({}, next, message) } };
}
