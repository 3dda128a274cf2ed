/** FineCode's WAL, checked as far as that is possible: it has no checksums, so that nothing proves it as it was written. */
import { finecodeSource, type SourceFault, type StreamSource } from '../read/index.js';
import type { Given } from './command.js';
import { jsonLine } from './json.js';
import { complain } from './open-story.js';
import { finecodePlaces } from './places.js';
import { plural } from './render/truth-line.js';
import { faultPlace, shortWriter } from './render/words.js';
import { columns, line, print, type Cell } from './text.js';

interface Checked {
  readonly stream: StreamSource;
  readonly records: number;
  readonly faults: readonly SourceFault[];
}

/** What a crash leaves behind while nothing was appended to it. */
const harmless = 'TORN';

/** Prints what is found. Tells whether anything is damaged or cannot be read. */
export async function verifyFineCode(
  given: Given,
): Promise<{ readonly isUnreadable: boolean; readonly isFound: boolean }> {
  const places = finecodePlaces(given);
  if (places.length === 0) return { isUnreadable: false, isFound: false };
  const { streams, problems } = await finecodeSource({ places }).list();
  for (const { message } of problems) complain(message);
  const checked: Checked[] = [];
  for (const stream of streams) checked.push(await check(stream));
  if (given.flag('json')) print(checked.map((one) => jsonLine('verify/1', objectOf(one))));
  else if (checked.length > 0) printText(checked);
  return { isUnreadable: problems.length > 0, isFound: checked.some(isDamaged) };
}

async function check(stream: StreamSource): Promise<Checked> {
  const faults: SourceFault[] = [];
  let records = 0;
  for await (const items of stream.scan()) {
    for (const item of items) {
      if (item.kind === 'fault') faults.push(item.fault);
      else records += 1;
    }
  }
  return { stream, records, faults };
}

function isDamaged({ faults }: Checked): boolean {
  return faults.some(({ verdict }) => verdict !== harmless);
}

function printText(checked: readonly Checked[]): void {
  print(columns([['', 'STREAM OF FINECODE', 'RECORDS', 'COPIES', 'RESULT'], ...checked.map(row)]));
  for (const { stream, faults } of checked) {
    for (const fault of faults) {
      const text = `${shortWriter(stream.writerId)}: ${fault.verdict} ${faultPlace(fault)}: ${fault.message}`;
      print([line({ text: fault.verdict === harmless ? '· ' : '✗ ', style: 'dim' }, text)]);
    }
  }
  const damaged = checked.filter(isDamaged).length;
  const count = damaged === 0 ? 'none known to be damaged' : `${damaged} damaged`;
  const text = `${plural(checked.length, 'stream')} of FineCode, ${count}; it writes no checksums: changed text is not found`;
  print([line({ text, style: 'dim' })]);
}

function row(one: Checked): readonly Cell[] {
  const { stream, records, faults } = one;
  const verdicts = [...new Set(faults.map(({ verdict }) => verdict))];
  const damage = verdicts.filter((verdict) => verdict !== harmless);
  const result = damage.length > 0 ? `DAMAGED: ${damage.join(', ')}` : 'nothing found';
  return [
    damage.length > 0 ? '✗' : '?',
    shortWriter(stream.writerId),
    String(records),
    String(stream.copies ?? 0),
    verdicts.includes(harmless) ? `${result}, torn by a crash` : result,
  ];
}

function objectOf(one: Checked): object {
  const { stream, records, faults } = one;
  return {
    stream: stream.writerId,
    role: stream.role,
    directory: stream.root,
    segments: stream.segments ?? 0,
    result: isDamaged(one) ? 'damaged' : 'nothing_found',
    records,
    fault_count: faults.length,
    faults: faults.map((fault) => ({
      verdict: fault.verdict,
      file: fault.file,
      offset: fault.offset,
      bytes: fault.bytes,
      sequence_from: fault.sequenceFrom,
      sequence_to: fault.sequenceTo,
      message: fault.message,
    })),
  };
}
