/**
 * Best effort at the end of a process: one listener for all streams that seals them on `exit`, and on SIGTERM when
 * the host itself does not handle it. Nothing depends on it: a stream without a seal is a normal sight.
 */

type Seal = (reason: string) => void;

const seals = new Set<Seal>();

/** Registers a stream; returns the function that forgets it. */
export function sealAtExit(seal: Seal): () => void {
  if (seals.size === 0) {
    process.on('exit', onExit);
    process.on('SIGTERM', onTerminate);
  }
  seals.add(seal);
  return () => {
    seals.delete(seal);
    if (seals.size > 0) return;
    process.off('exit', onExit);
    process.off('SIGTERM', onTerminate);
  };
}

function onExit(): void {
  sealAll('exit');
}

function onTerminate(): void {
  // A host with a handler of its own decides when it ends; `exit` comes then.
  if (process.listenerCount('SIGTERM') > 1) return;
  sealAll('SIGTERM');
  process.off('exit', onExit);
  process.off('SIGTERM', onTerminate);
  // Without our listener the signal does what it would have done.
  process.kill(process.pid, 'SIGTERM');
}

function sealAll(reason: string): void {
  for (const seal of seals) {
    try {
      seal(reason);
    } catch {
      // The process is ending; the reader will see where the stream does.
    }
  }
  seals.clear();
}
