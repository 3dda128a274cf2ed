/** Reading that may take a while: on a terminal, after a second, a line on stderr says so until it is done. */
const quietMs = 1000;

const reading = (): string => 'reading all streams';

/** Does the work; says what it is and how long it has been at it to whoever sits before a terminal. */
export async function withProgress<Result>(
  work: () => Promise<Result>,
  what: () => string = reading,
): Promise<Result> {
  if (!process.stderr.isTTY) return work();
  const startMs = Date.now();
  let isShown = false;
  const timer = setInterval(() => {
    isShown = true;
    const seconds = Math.round((Date.now() - startMs) / 1000);
    process.stderr.write(`\r\u001b[K${what()} … ${seconds} s`);
  }, quietMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if (isShown) process.stderr.write('\r\u001b[K');
  }
}
