/** Notices when the port file names somebody else, or nobody. Reads it and does nothing about it. */
import { readPortFile, type PortFileState } from './port-file.js';

const pollMs = 1000;

/** Calls `taken` once, with the other's port. Returns what ends the watch. Keeps no process alive. */
export function watchTakeover(
  path: string,
  port: number,
  taken: (state: Extract<PortFileState, { kind: 'port' }>) => void,
): () => void {
  const timer = setInterval(() => {
    const state = readPortFile(path);
    if (state.kind !== 'port' || state.port === port) return;
    clearInterval(timer);
    taken(state);
  }, pollMs);
  timer.unref();
  return () => clearInterval(timer);
}
