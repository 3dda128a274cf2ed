/** Waits for work, but not for ever. */

/** Resolves when `work` does or after `waitMsMax`; work that comes later is not waited for, its failure not lost. */
export async function within(waitMsMax: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMsMax);
  });
  try {
    await Promise.race([work, patience]);
  } finally {
    clearTimeout(timer);
  }
}
