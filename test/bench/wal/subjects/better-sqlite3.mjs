/**
 * better-sqlite3 as a journal: WAL mode, the record as JSON text, one transaction for each batch of N records. Its
 * clients cost nothing here: there is no promise and no queue, which is the best case for it.
 */
import { join } from 'node:path';
import { stamped } from '../records.mjs';

export async function open({ directory, clients, synchronous = 'FULL', isIndexed = false }) {
  const name = 'better-sqlite3';
  const { default: Database } = await import(name);
  const database = new Database(join(directory, 'journal.db'));
  database.pragma('journal_mode = WAL');
  database.pragma(`synchronous = ${synchronous}`);
  database.exec('CREATE TABLE event (sequence INTEGER PRIMARY KEY, run TEXT, body TEXT)');
  if (isIndexed) database.exec('CREATE INDEX event_run ON event (run)');
  const insert = database.prepare('INSERT INTO event (sequence, run, body) VALUES (?, ?, ?)');
  let index = 0;
  const append = () => {
    index += 1;
    const record = stamped(index);
    insert.run(index, record.wal_run_id, JSON.stringify(record));
  };
  const appendBatch = database.transaction(() => {
    for (let count = 0; count < clients; count += 1) append();
  });
  return {
    run({ ms, recordsMax = Number.POSITIVE_INFINITY }) {
      const untilMs = performance.now() + ms;
      let appended = 0;
      while (performance.now() < untilMs && appended < recordsMax) {
        if (clients === 1) append();
        else appendBatch();
        appended += clients;
      }
      return { records: appended };
    },
    close: () => database.close(),
  };
}
