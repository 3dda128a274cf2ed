/** process-wal: one `append`, or one `appendMany` for each batch of N. Where its built module is, PROCESS_WAL says. */
import { stamped } from '../records.mjs';

export async function open({ directory, clients, fsync = true }) {
  const { createWal } = await import(process.env.PROCESS_WAL);
  const wal = createWal({ dir: directory, fsync });
  let index = 0;
  return {
    run({ ms }) {
      const untilMs = performance.now() + ms;
      const first = index;
      while (performance.now() < untilMs) {
        if (clients === 1) {
          wal.append(stamped((index += 1)));
          continue;
        }
        const batch = [];
        for (let count = 0; count < clients; count += 1) batch.push(stamped((index += 1)));
        wal.appendMany(batch);
      }
      return { records: index - first };
    },
    close: () => wal.close(),
  };
}
