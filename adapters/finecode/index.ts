/** A frontend in front of FineCode's workspace manager. Of files it writes one: the port file that clients look for. */
export { exactFrames } from './exact-frames.js';
export { portFileOf, venvOf } from './venv.js';
export { proxyFinecode } from './proxy.js';
export type { FinecodeProxyOptions } from './proxy.js';
export { attachFinecode } from './attach.js';
export { stampFinecode } from './stamp.js';
export type { MakeTap } from './exact-frames.js';
