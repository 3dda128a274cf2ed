/** Appends numbered records one by one until it dies, and says the number of each one it was told is written. */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { recordAt } from './records.mjs';

const [subject, text] = process.argv.slice(2);
const { directory, ...options } = JSON.parse(text);

function numbered(number) {
  const record = recordAt(number);
  return { ...record, payload: { ...record.payload, rpc: { connection: 7, id: number } } };
}

const appenders = {
  async throughline() {
    const { openStream } = await import('../../../dist/src/wal/index.js');
    const stream = await openStream({ root: directory, role: 'wm', ...options });
    return async (number) => {
      const { outcome } = await stream.append(numbered(number));
      if (outcome !== 'durable') process.exit(1);
    };
  },
  async 'process-wal'() {
    const { createWal } = await import(process.env.PROCESS_WAL);
    const wal = createWal({ dir: directory, ...options });
    return (number) => wal.append(numbered(number));
  },
  async 'better-sqlite3'() {
    const name = 'better-sqlite3';
    const { default: Database } = await import(name);
    const database = new Database(join(directory, 'journal.db'));
    database.pragma('journal_mode = WAL');
    database.pragma(`synchronous = ${options.synchronous}`);
    database.exec('CREATE TABLE event (sequence INTEGER PRIMARY KEY, body TEXT)');
    const insert = database.prepare('INSERT INTO event (sequence, body) VALUES (?, ?)');
    return (number) => insert.run(number, JSON.stringify(numbered(number)));
  },
};

const append = await appenders[subject]();
for (let number = 1; ; number += 1) {
  await append(number);
  process.stdout.write(`${number}\n`);
  if (number % 64 === 0) await nextTurn();
}
