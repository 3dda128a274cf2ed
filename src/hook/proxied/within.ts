/** A wait with an end, for messages that a disk must not hold. */

/** Resolves with the promise, which never rejects, or when the time is over. */
export async function within(promise: Promise<void>, msMax: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const isOver = new Promise<void>((due) => {
    timer = setTimeout(due, Math.max(msMax, 0));
  });
  await Promise.race([promise, isOver]);
  clearTimeout(timer);
}
