/**
 * What Node itself takes: N records in one buffer, one write, one datasync, and nothing of ours. With `turns`, the event
 * loop turns once between two flushes, as it does for any host that awaits something else than us.
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export function open({ directory, clients, recordBytes, turns = false }) {
  const descriptor = openSync(join(directory, 'raw.dat'), 'wx');
  const batch = Buffer.alloc(clients * recordBytes, 'x');
  let position = 0;
  return {
    async run({ ms }) {
      const untilMs = performance.now() + ms;
      let records = 0;
      while (performance.now() < untilMs) {
        writeSync(descriptor, batch, 0, batch.length, position);
        fdatasyncSync(descriptor);
        position += batch.length;
        records += clients;
        if (turns) await new Promise((resolve) => setImmediate(resolve));
      }
      return { records };
    },
    close: () => closeSync(descriptor),
  };
}
