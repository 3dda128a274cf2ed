/**
 * Durable appends at 1, 16, 256 and 4096 concurrent. Each sample stands between two runs of the C program of the same
 * batch size, and counts as its ratio to the mean of the two: what the disk does in one minute says nothing of the
 * next. Subjects take turns, in another order each time; a ratio between two subjects is made in one round.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startSubject } from './subject.mjs';
import { median } from './statistics.mjs';

const preallocateBytes = 1024 * 1024;
const ours = [
  { name: 'inline', subject: 'throughline', sync: 'inline' },
  { name: 'inline, preallocated', subject: 'throughline', sync: 'inline', preallocateBytes },
  { name: 'worker', subject: 'throughline', sync: 'worker' },
  { name: 'worker, preallocated', subject: 'throughline', sync: 'worker', preallocateBytes },
];
const peers = [
  { name: 'better-sqlite3 FULL', subject: 'better-sqlite3' },
  { name: 'better-sqlite3 FULL, indexed', subject: 'better-sqlite3', isIndexed: true },
];
/** No journal: what is left to us above what Node and its event loop take. */
const floor = [
  { name: 'Node, write and datasync', subject: 'raw' },
  { name: 'the same with a turn of the loop', subject: 'raw', turns: true },
];
const processWal = { name: 'process-wal fsync:true', subject: 'process-wal' };
export const sqlite = peers[0].name;

/** Rows of `{ clients, name, perSecond[], toLimit[], toSqlite[], cpu[] }`, and the limits themselves. */
export async function measureDurable({ workspace, limit, recordBytes, plan, say }) {
  const others = process.env.PROCESS_WAL === undefined ? peers : [...peers, processWal];
  const list = [...floor, ...ours, ...others];
  const rows = [];
  for (const clients of plan.clients) {
    say(`durable appends, ${clients} concurrent`);
    const directory = join(workspace, `durable-${clients}`);
    const subjects = [];
    for (const options of list) {
      subjects.push(await startSubject(directory, { ...options, clients, recordBytes }));
    }
    for (const subject of subjects) await subject.sample({ ms: plan.warmMs });
    const own = subjects.map((subject) => emptyRow(subject.name, clients));
    const c = emptyRow('C, append', clients);
    const overwrite = emptyRow('C, overwrite', clients);
    const stringifier = await startStringify(
      directory,
      subjects.find(({ name }) => name === 'inline'),
    );
    const stringify = emptyRow('JSON.stringify', clients);
    for (let repeat = 0; repeat < plan.repeats; repeat += 1) {
      const round = new Map();
      let before = limit(clients, plan.limitMs);
      for (let turn = 0; turn < subjects.length; turn += 1) {
        const which = (turn + repeat) % subjects.length;
        const sample = await subjects[which].sample({ ms: plan.sampleMs });
        const after = limit(clients, plan.limitMs);
        const ratio = sample.perSecond / Math.sqrt(before * after);
        own[which].perSecond.push(sample.perSecond);
        own[which].cpu.push(sample.cpuMicroseconds);
        own[which].toLimit.push(ratio);
        round.set(subjects[which].name, ratio);
        c.perSecond.push(after);
        c.toLimit.push(1);
        before = after;
      }
      for (const row of own) row.toSqlite.push(round.get(row.name) / round.get(sqlite));
      const over = limit(clients, plan.limitMs, 'overwrite');
      overwrite.perSecond.push(over);
      overwrite.toLimit.push(over / Math.sqrt(before * limit(clients, plan.limitMs)));
      stringify.cpu.push((await stringifier.sample({ ms: 100 })).cpuMicroseconds);
    }
    for (const subject of [...subjects, stringifier]) await subject.close();
    rmSync(directory, { recursive: true, force: true });
    rows.push(c, overwrite, ...own, stringify);
  }
  return rows;
}

function emptyRow(name, clients) {
  return { name, clients, perSecond: [], toLimit: [], toSqlite: [], cpu: [] };
}

/** It reads the records that a stream of ours has just written. */
async function startStringify(workspace, stream) {
  const { directory } = stream;
  const bare = await startSubject(workspace, {
    name: 'stringify',
    subject: 'stringify',
    directory,
  });
  await bare.sample({ ms: 100 });
  return bare;
}

/** The bytes of one record as our stream writes it, which are the C program's too. */
export async function measureRecordBytes(workspace) {
  const directory = join(workspace, 'size');
  const options = { name: 'size', subject: 'throughline', sync: 'inline', clients: 16 };
  const subject = await startSubject(directory, options);
  const { recordBytes } = await subject.sample({ ms: 1000, recordsMax: 3000 });
  await subject.close();
  rmSync(directory, { recursive: true, force: true });
  return Math.round(recordBytes);
}

/** The median of one column for one subject. */
export function cell(rows, name, clients, column) {
  const row = rows.find((one) => one.name === name && one.clients === clients);
  return row === undefined || row[column].length === 0 ? undefined : median(row[column]);
}
