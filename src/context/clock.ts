/** The one clock of this process: every copy of this module that is loaded shares it. */
import { HybridClock } from './hlc.js';

const key = Symbol.for('throughline.clock/1');

let found: HybridClock | undefined;

/** The process's clock. Readings of all contexts, recorders and carriers in a process come from it. */
export function processClock(): HybridClock {
  const shared = globalThis as { [key]?: HybridClock };
  found ??= shared[key] ??= new HybridClock();
  return found;
}
