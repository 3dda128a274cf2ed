/** What must hold of every crash state: nothing acknowledged is lost, nothing false is said, nothing is invented. */
import type { Verdict } from '../../../src/wal/index.js';
import type { CrashState } from './crash-states.js';
import { statePort } from './state-port.js';

export type Wal = typeof import('../../../src/wal/index.js');

/** A crash leaves these and no others. */
const allowed: ReadonlySet<Verdict> = new Set(['TORN', 'UNSEALED', 'SUPERSEDED']);

/** The first thing wrong with the state, or `undefined`. */
export async function judge(
  wal: Wal,
  root: string,
  state: CrashState,
): Promise<string | undefined> {
  const port = statePort(state.entries);
  const found = new Set<string>();
  if (state.entries.has(root)) {
    for (const ref of await wal.listStreams(root, port)) {
      for await (const item of wal.readStream(ref, { port })) {
        if (item.kind === 'fault') {
          if (!allowed.has(item.fault.verdict)) return `false ${JSON.stringify(item.fault)}`;
          continue;
        }
        const mark = item.record.payload['mark'];
        if (typeof mark !== 'string') continue;
        if (found.has(mark)) return `${mark} is read twice`;
        found.add(mark);
      }
    }
  }
  for (const mark of state.acknowledged) if (!found.has(mark)) return `lost ${mark}`;
  return undefined;
}
