/** Opens streams. */
import { checkOptions, type StreamOptions } from './options.js';
import { RecorderStream } from './append/recorder-stream.js';
import { Retention } from './retention/retention.js';
import type { Stream } from './append/stream-api.js';

/**
 * Opens a new stream under `root`; its directory and header are durable when this resolves. Rejects with
 * `ARGUMENT_INVALID`, or with `ROOT_UNUSABLE` when nothing can be written there and `onFailure` is not `degrade`;
 * a degraded stream is returned otherwise.
 */
export async function openStream(options: StreamOptions): Promise<Stream> {
  const checked = checkOptions(options);
  const { root, role, retention } = checked;
  const openJournal = (at: string): Promise<Stream> => openPruneJournal(at, checked.sync);
  const stream = new RecorderStream(checked, (onError) =>
    retention === false
      ? undefined
      : new Retention({ root, role, options: retention, openJournal, onError }),
  );
  await stream.open();
  return stream;
}

/** The stream that says what was removed. It must not remove anything itself. */
export function openPruneJournal(
  root: string,
  sync: 'worker' | 'inline' = 'inline',
): Promise<Stream> {
  return openStream({
    root,
    role: 'prune',
    sync,
    onFailure: 'reject',
    sealOnExit: false,
    retention: false,
  });
}
