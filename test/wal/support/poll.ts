/** Waits for something to become true, with a deadline; never for a time to pass. */
import { setTimeout as sleep } from 'node:timers/promises';

export async function until(
  isTrue: () => boolean | Promise<boolean>,
  deadlineMs = 5000,
): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Error('it did not come to pass in time');
    await sleep(2);
  }
}
