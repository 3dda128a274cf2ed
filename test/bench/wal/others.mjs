/** The smaller measurements: a saturated pool, relaxed appends, bytes that reach the device, reading. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSubject } from './subject.mjs';
import { withLoopDisk } from './loop-disk.mjs';

const python = (name) => fileURLToPath(new URL(`subjects/${name}`, import.meta.url));
const rivals = [
  {
    name:
      process.env.FINECODE_WAL === undefined ? 'FineCode’s writer, its steps' : 'FineCode’s writer',
    file: python('finecode.py'),
  },
  { name: 'open, append, close (Python)', file: python('open-append-close.py') },
];
const preallocateBytes = 1024 * 1024;

/** p50 of a lone durable append with libuv's pool idle and with eight hashing jobs in it, in turns. */
export async function measureSaturation({ workspace, plan, say }) {
  say('durable appends while libuv’s pool is saturated');
  const directory = join(workspace, 'saturation');
  const rows = [];
  for (const sync of ['worker', 'inline']) {
    const options = { name: sync, subject: 'throughline', sync, clients: 1 };
    const subject = await startSubject(directory, options);
    await subject.sample({ ms: plan.warmMs });
    const row = { name: sync, idleMs: [], saturatedMs: [], ratio: [] };
    for (let repeat = 0; repeat < plan.repeats; repeat += 1) {
      const idle = await subject.sample({ ms: plan.sampleMs, jobs: 0 });
      const saturated = await subject.sample({ ms: 2 * plan.sampleMs, jobs: 8 });
      row.idleMs.push(idle.p50Ms);
      row.saturatedMs.push(saturated.p50Ms);
      row.ratio.push(saturated.p50Ms / idle.p50Ms);
    }
    await subject.close();
    rows.push(row);
  }
  rmSync(directory, { recursive: true, force: true });
  return rows;
}

/** Relaxed appends against FineCode's writer, and against the least that such a writer does. A string says why not. */
export async function measureRelaxed({ workspace, plan, say }) {
  if (spawnSync('python3', ['--version']).error !== undefined) return 'no python3';
  say('relaxed appends');
  const directory = join(workspace, 'relaxed');
  const rows = [];
  for (const sync of ['inline', 'worker']) {
    const options = { name: sync, subject: 'throughline', sync, clients: 1, durability: 'relaxed' };
    const subject = await startSubject(directory, options);
    await subject.sample({ ms: plan.warmMs });
    rows.push({ name: sync, subject, perSecond: [], cpu: [], ratios: rivals.map(() => []) });
  }
  const others = rivals.map(({ name }) => ({ name, perSecond: [] }));
  for (let repeat = 0; repeat < plan.repeats; repeat += 1) {
    for (const [index, { file }] of rivals.entries()) {
      others[index].perSecond.push(runPython(file, directory, plan.sampleMs));
    }
    for (const row of rows) {
      const sample = await row.subject.sample({ ms: plan.sampleMs });
      row.perSecond.push(sample.perSecond);
      row.cpu.push(sample.cpuMicroseconds);
      for (const [index, { perSecond }] of others.entries())
        row.ratios[index].push(sample.perSecond / perSecond.at(-1));
    }
  }
  for (const { subject } of rows) await subject.close();
  rmSync(directory, { recursive: true, force: true });
  return { rows, others };
}

function runPython(file, workspace, ms) {
  const directory = mkdtempSync(join(workspace, 'python-'));
  try {
    const options = [file, directory, String(ms / 1000)];
    const [events, seconds] = execFileSync('python3', options, { encoding: 'utf8' }).split(' ');
    return Number(events) / Number(seconds);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Bytes written to a block device for one lone durable record, on a file system of the usual 4 KiB blocks and on one
 * of 1 KiB: a datasync writes whole blocks, so that the block is most of the answer. A string says why not.
 */
export async function measureDeviceBytes({ workspace, plan, say }) {
  say('bytes on the device');
  const rows = [];
  for (const blockBytes of [1024, 4096]) {
    const found = await withLoopDisk({ workspace, blockBytes }, (disk) =>
      deviceBytesOn(disk, blockBytes, plan.deviceRecords),
    );
    if (typeof found === 'string') return found;
    rows.push(...found);
  }
  return rows;
}

async function deviceBytesOn({ mount, loop }, blockBytes, recordsMax) {
  const subjects = [
    { name: 'inline', subject: 'throughline', sync: 'inline' },
    { name: 'inline, preallocated', subject: 'throughline', sync: 'inline', preallocateBytes },
    { name: 'better-sqlite3 FULL', subject: 'better-sqlite3' },
  ];
  const rows = [];
  for (const options of subjects) {
    const subject = await startSubject(mount, { ...options, clients: 1 });
    await subject.sample({ ms: 60_000, recordsMax: 20 });
    execFileSync('sync', ['-f', mount]);
    const before = written(loop);
    const { records } = await subject.sample({ ms: 600_000, recordsMax });
    execFileSync('sync', ['-f', mount]);
    const after = written(loop);
    await subject.close();
    rows.push({
      name: options.name,
      blockBytes,
      bytes: (after.bytes - before.bytes) / records,
      writes: (after.writes - before.writes) / records,
    });
  }
  return rows;
}

/** Completed writes and their sectors, as the kernel counts them. */
function written(loop) {
  const fields = readFileSync(`/sys/block/${loop}/stat`, 'utf8').trim().split(/\s+/);
  return { writes: Number(fields[4]), bytes: Number(fields[6]) * 512 };
}

/** One pass over one stream, each reader in a process of its own. */
export async function measureReading({ workspace, plan, say }) {
  say(`reading a stream of ${plan.readMb} MiB`);
  const directory = join(workspace, 'reading');
  mkdirSync(directory, { recursive: true });
  const writer = { name: 'writer', subject: 'throughline', sync: 'inline', clients: 256 };
  const stream = await startSubject(workspace, { ...writer, durability: 'relaxed', directory });
  for (let bytes = 0; bytes < plan.readMb * 1024 * 1024;) {
    const { records, recordBytes } = await stream.sample({ ms: 100 });
    bytes += records * recordBytes;
  }
  await stream.close();
  const names = ['verify', 'readStream', 'crc', 'parse', 'readline'];
  const rows = names.map((name) => ({
    name,
    mbPerSecond: [],
    perSecond: [],
    toParse: [],
    rssMb: 0,
  }));
  for (let repeat = 0; repeat < plan.readRepeats; repeat += 1) {
    for (const row of rows) {
      const reader = { name: row.name, subject: 'read', reader: row.name, directory };
      const subject = await startSubject(workspace, reader);
      const { bytes, seconds, perSecond, rssMb } = await subject.sample({});
      await subject.close();
      row.mbPerSecond.push(bytes / seconds / 1e6);
      row.perSecond.push(perSecond);
      row.rssMb = Math.max(row.rssMb, rssMb);
    }
    const parse = rows.find(({ name }) => name === 'parse').mbPerSecond.at(-1);
    for (const row of rows) row.toParse.push(row.mbPerSecond.at(-1) / parse);
  }
  rmSync(directory, { recursive: true, force: true });
  return rows;
}
