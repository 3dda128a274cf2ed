/** Prints the measurements as Markdown: every goal first, with its floor and its aim, then what they are made of. */
import { cell, sqlite } from './durable.mjs';
import { fixed, median, rate, spread } from './statistics.mjs';

const line = (cells) => `| ${cells.join(' | ')} |`;

function table(head, rows) {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Goals of the project. `most` is a ceiling, else the floor is the least. */
function goals({ durable, saturation, relaxed, device, reading }) {
  const to = (name, clients, column) => cell(durable, name, clients, column);
  const best = (clients) =>
    Math.max(
      to('inline', clients, 'toSqlite') ?? Number.NaN,
      to('inline, preallocated', clients, 'toSqlite') ?? Number.NaN,
    );
  const cpu = (clients) => to('inline', clients, 'cpu') / to('JSON.stringify', clients, 'cpu');
  const reader = (name) => reading?.find((row) => row.name === name);
  const toCrc = () => median(reader('verify').mbPerSecond) / median(reader('crc').mbPerSecond);
  const onDevice = (blockBytes) =>
    Array.isArray(device)
      ? device.find((row) => row.name === 'inline, preallocated' && row.blockBytes === blockBytes)
          .bytes
      : undefined;
  const wasRead = reading !== undefined;
  return [
    ['inline ÷ better-sqlite3 FULL, 1 concurrent', 1.0, '', to('inline', 1, 'toSqlite')],
    ['the same, preallocated', 1.0, 1.2, to('inline, preallocated', 1, 'toSqlite')],
    ['inline ÷ better-sqlite3 FULL, 16', 0.95, '', to('inline', 16, 'toSqlite')],
    ['the same, preallocated', 0.95, 1.1, to('inline, preallocated', 16, 'toSqlite')],
    ['inline ÷ C append, 1', 0.9, '', to('inline', 1, 'toLimit')],
    ['the same, preallocated', 0.9, '', to('inline, preallocated', 1, 'toLimit')],
    ['inline ÷ C append, 16', 0.8, '', to('inline', 16, 'toLimit')],
    ['the same, preallocated', 0.8, '', to('inline, preallocated', 16, 'toLimit')],
    ['worker ÷ C append, 1', 0.6, '', to('worker', 1, 'toLimit')],
    ['worker ÷ C append, 16', 0.6, '', to('worker', 16, 'toLimit')],
    ['inline ÷ better-sqlite3 batched, 256', 1.5, '', best(256)],
    ['inline ÷ better-sqlite3 batched, 4096', 1.5, '', best(4096)],
    ['CPU ÷ JSON.stringify, 256', 4, 2.5, cpu(256), 'most'],
    ['CPU ÷ JSON.stringify, 4096', 4, 2.5, cpu(4096), 'most'],
    [
      'worker p50, libuv’s pool saturated ÷ idle',
      2,
      '',
      saturation && median(saturation[0].ratio),
      'most',
    ],
    [
      'relaxed, inline ÷ FineCode’s writer',
      7,
      '',
      relaxed?.rows && median(relaxed.rows[0].ratios[0]),
    ],
    [
      'relaxed, worker ÷ FineCode’s writer',
      7,
      '',
      relaxed?.rows && median(relaxed.rows[1].ratios[0]),
    ],
    [
      'bytes on the device for a lone record, preallocated, 1 KiB blocks',
      2000,
      '',
      onDevice(1024),
      'most',
    ],
    ['the same on 4 KiB blocks', 2000, '', onDevice(4096), 'most'],
    ['verify ÷ a JSON.parse loop', 2, '', wasRead ? median(reader('verify').toParse) : undefined],
    ['verify ÷ a CRC loop', '', 1, wasRead ? toCrc() : undefined],
    ['verify, MiB of memory', 100, '', wasRead ? reader('verify').rssMb : undefined, 'most'],
  ];
}

function bound(number, kind) {
  return number === '' ? '' : `${kind === 'most' ? '≤' : '≥'} ${number}`;
}

export function printGoals(results) {
  const rows = goals(results).map(([what, floor, aim, value, kind]) => {
    if (value === undefined || Number.isNaN(value))
      return [what, bound(floor, kind), bound(aim, kind), 'not run', ''];
    const reaches = (least) => (kind === 'most' ? value <= least : value >= least);
    const isAim = aim !== '' && reaches(aim);
    const verdict = floor !== '' && !reaches(floor) ? 'missed' : isAim ? 'aim met' : 'floor met';
    const isShort = floor === '' && !isAim;
    const shown = value >= 100 ? Math.round(value) : fixed(value);
    return [what, bound(floor, kind), bound(aim, kind), shown, isShort ? 'aim missed' : verdict];
  });
  console.log(`\n${table(['goal', 'floor', 'aim', 'measured', ''], rows)}`);
}

export function printDurable(rows) {
  for (const clients of new Set(rows.map((row) => row.clients))) {
    const cells = rows
      .filter((row) => row.clients === clients)
      .map(({ name, perSecond, toLimit, toSqlite, cpu }) => [
        name,
        perSecond.length === 0 ? '' : rate(median(perSecond)),
        toLimit.length === 0 ? '' : spread(toLimit),
        toSqlite.length === 0 || name === sqlite ? '' : spread(toSqlite),
        cpu.length === 0 ? '' : fixed(median(cpu)),
      ]);
    console.log(`\n${clients} concurrent\n`);
    console.log(table(['', 'records/s', '÷ C append', '÷ better-sqlite3 FULL', 'CPU µs'], cells));
  }
}

export function printOthers({ saturation, relaxed, device, reading, cuts }) {
  if (saturation !== undefined) {
    const cells = saturation.map(({ name, idleMs, saturatedMs, ratio }) => [
      name,
      fixed(median(idleMs)),
      fixed(median(saturatedMs)),
      spread(ratio),
    ]);
    console.log(`\n${table(['p50 of a lone append', 'idle, ms', 'saturated, ms', '÷'], cells)}`);
  }
  if (typeof relaxed === 'string') console.log(`\nrelaxed: SKIPPED, ${relaxed}`);
  else if (relaxed !== undefined) {
    const cells = relaxed.rows.map(({ name, perSecond, ratios, cpu }) => [
      `relaxed, ${name}`,
      rate(median(perSecond)),
      ...ratios.map((ratio) => spread(ratio)),
      fixed(median(cpu)),
    ]);
    for (const { name, perSecond } of relaxed.others)
      cells.push([name, rate(median(perSecond)), '', '', '']);
    const head = ['', 'events/s', '÷ FineCode’s', '÷ open, append, close', 'CPU µs'];
    console.log(`\n${table(head, cells)}`);
  }
  if (typeof device === 'string') console.log(`\nbytes on the device: SKIPPED, ${device}`);
  else if (device !== undefined) {
    const cells = device.map(({ name, blockBytes, bytes, writes }) => [
      `${name}, ${blockBytes / 1024} KiB blocks`,
      Math.round(bytes),
      fixed(writes),
    ]);
    console.log(`\n${table(['a lone durable record', 'bytes', 'writes'], cells)}`);
  }
  if (reading !== undefined) {
    const cells = reading.map(({ name, mbPerSecond, perSecond, toParse, rssMb }) => [
      name,
      Math.round(median(mbPerSecond)),
      rate(median(perSecond)),
      spread(toParse),
      Math.round(rssMb),
    ]);
    console.log(`\n${table(['reader', 'MB/s', 'records/s', '÷ parse', 'MiB'], cells)}`);
  }
  if (typeof cuts === 'string') console.log(`\npower cuts: SKIPPED, ${cuts}`);
  else if (cuts !== undefined) {
    const cells = cuts.map(({ name, acknowledged, lost }) => [
      name,
      acknowledged.join(', '),
      lost.join(', '),
    ]);
    console.log(`\n${table(['power cuts', 'acknowledged', 'of these lost'], cells)}`);
  }
}
