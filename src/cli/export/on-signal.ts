/** What an export does before it ends of a signal. It ends of it: nobody takes it for one that is done. */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Until the returned function is called. `last` is quick and waits for nothing. */
export function onSignal(last: () => void): () => void {
  const stop = (signal: NodeJS.Signals): void => {
    last();
    release();
    process.kill(process.pid, signal);
  };
  const release = (): void => {
    for (const signal of signals) process.removeListener(signal, stop);
  };
  for (const signal of signals) process.on(signal, stop);
  return release;
}
