/**
 * Children: a command that shares our streams, and a server between whose streams we stand. An entry of its own: what
 * only reads messages must not reach `node:child_process`.
 */
export { childEnd, startFailure } from './child.js';
export type { End } from './child.js';
export { holdSignals } from './signals.js';
export type { HeldSignals } from './signals.js';
export { startServer } from './server.js';
export type { Server } from './server.js';
