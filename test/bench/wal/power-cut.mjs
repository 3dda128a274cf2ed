/**
 * The same power cut for everybody: a writer on a file system of its own says which records it was told are written,
 * the power is cut, the file system is mounted again, and what was acknowledged is looked for. Root on Linux only. The
 * disk in this trial does not lie about its cache.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tool, withLoopDisk } from './loop-disk.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const node = (subject, options) => (directory) => [
  process.execPath,
  [here('power-cut-writer.mjs'), subject, JSON.stringify({ ...options, directory })],
];
const peers = [
  {
    name: 'throughline, inline',
    command: node('throughline', { sync: 'inline' }),
    found: (directory) => inLines(directory, 'rpc'),
  },
  {
    name: 'throughline, worker, preallocated',
    command: node('throughline', { sync: 'worker', preallocateBytes: 1024 * 1024 }),
    found: (directory) => inLines(directory, 'rpc'),
  },
  {
    name: 'open, append, close for each event (FineCode’s pattern)',
    command: (directory) => [
      'python3',
      [here('subjects/open-append-close.py'), directory, '60', '--say'],
    ],
    found: (directory) => inLines(directory, 'rpc'),
  },
  {
    name: 'process-wal, its default',
    command: node('process-wal', { fsync: false }),
    found: (directory) => inLines(directory, 'rpc'),
    needs: 'PROCESS_WAL',
  },
  {
    name: 'process-wal fsync:true',
    command: node('process-wal', { fsync: true }),
    found: (directory) => inLines(directory, 'rpc'),
    needs: 'PROCESS_WAL',
  },
  {
    name: 'better-sqlite3 NORMAL',
    command: node('better-sqlite3', { synchronous: 'NORMAL' }),
    found: inDatabase,
  },
  {
    name: 'better-sqlite3 FULL',
    command: node('better-sqlite3', { synchronous: 'FULL' }),
    found: inDatabase,
  },
];

/** Rows of `{ name, acknowledged[], lost[] }`, or a string that says why not. */
export function measurePowerCuts({ workspace, plan, say }) {
  say(`power cuts, ${plan.cuts} for each writer`);
  return withLoopDisk({ workspace }, async (disk) => {
    const rows = [];
    for (const { name, command, found, needs } of peers) {
      if (needs !== undefined && process.env[needs] === undefined) continue;
      const row = { name, acknowledged: [], lost: [] };
      for (let trial = 0; trial < plan.cuts; trial += 1) {
        const directory = join(disk.mount, `trial-${rows.length}-${trial}`);
        mkdirSync(directory);
        tool('sync', '-f', disk.mount);
        // Later and later: some cuts fall before the kernel's own write-back after five seconds, one after.
        const delayMs = trial === plan.cuts - 1 ? 6000 : 300 + 300 * trial;
        const acknowledged = await cutUnder(disk, command(directory), delayMs);
        const present = await found(directory);
        row.acknowledged.push(acknowledged);
        let lost = 0;
        for (let number = 1; number <= acknowledged; number += 1)
          if (!present.has(number)) lost += 1;
        row.lost.push(lost);
      }
      rows.push(row);
    }
    return rows;
  });
}

/** The number of records that the writer was told are written before the cut. */
async function cutUnder(disk, [command, options], delayMs) {
  const child = spawn(command, options, { stdio: ['ignore', 'pipe', 'ignore'] });
  const said = { acknowledged: 0 };
  let rest = '';
  child.stdout.setEncoding('latin1').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) if (/^\d+$/.test(line)) said.acknowledged = Number(line);
  });
  const ended = once(child, 'close');
  while (said.acknowledged === 0 && child.exitCode === null) await sleep(5);
  await sleep(delayMs);
  // What was said until here was said before the power went.
  const before = said.acknowledged;
  disk.cutPower();
  child.kill('SIGKILL');
  await ended;
  disk.remount();
  return before;
}

/** Every whole line that parses, whoever wrote it: the number that the writer gave the record. */
function inLines(directory) {
  const found = new Set();
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.jsonl')) continue;
    for (const line of readFileSync(join(directory, name), 'latin1').split('\n')) {
      try {
        const record = JSON.parse(line);
        found.add((record.value ?? record).payload?.rpc?.id);
      } catch {
        // Torn, or padding.
      }
    }
  }
  return found;
}

async function inDatabase(directory) {
  const name = 'better-sqlite3';
  const { default: Database } = await import(name);
  try {
    const database = new Database(join(directory, 'journal.db'));
    const rows = database.prepare('SELECT body FROM event').all();
    database.close();
    return new Set(rows.map(({ body }) => JSON.parse(body).payload.rpc.id));
  } catch {
    return new Set();
  }
}
