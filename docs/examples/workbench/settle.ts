/** A host that is asked to stop lets its runs end first: a run that is open when its stream is closed reads as lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Recorder } from 'throughline/hook';

const pollMs = 10;

/** Waits until all runs have ended, or `waitMsMax` is over. */
export async function settleRuns(recorder: Recorder, waitMsMax: number): Promise<void> {
  const giveUpMs = performance.now() + waitMsMax;
  while (recorder.metrics().runsOpen > 0 && performance.now() < giveUpMs) await sleep(pollMs);
}
