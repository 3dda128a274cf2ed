/** The hook in recorder form for plain commands: for `throughline record exec`, no part of `throughline/hook`. */
export type { CommandEnd } from './outcome.js';
export { recordCommand } from './record-command.js';
export type { Watched } from './record-command.js';
export { tailBytesMax } from './tail.js';
