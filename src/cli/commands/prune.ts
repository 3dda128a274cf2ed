/**
 * `throughline prune`: removes what is finished and too old or too much, as recorders do by themselves. What is
 * unknown stays, and what goes is recorded first.
 */
import { pruneStreams, type PruneReport, type Removal } from '../../wal/index.js';
import { exitCode, UsageError, type Given } from '../command.js';
import { jsonLine } from '../json.js';
import { rootsOf } from '../open-story.js';
import { plural } from '../render/truth-line.js';
import { shortWriter } from '../render/words.js';
import { columns, line, print, type Cell } from '../text.js';

const dayMs = 86_400_000;

export async function execute(given: Given): Promise<number> {
  const days = readNumber(given, 'keep-days');
  const bytesMax = readNumber(given, 'keep-bytes');
  const dryRun = given.flag('dry-run');
  for (const root of rootsOf(given)) {
    const report = await pruneStreams({
      root,
      dryRun,
      ...(days === undefined ? {} : { ageMsMax: days * dayMs }),
      ...(bytesMax === undefined ? {} : { bytesMax }),
    });
    if (given.flag('json')) {
      print(report.removed.map((one) => jsonLine('removal/1', removalObject(one, dryRun))));
    } else {
      printText(root, report, dryRun);
    }
  }
  return exitCode.ok;
}

function readNumber(given: Given, name: string): number | undefined {
  const text = given.value(name);
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw new UsageError(`--${name} takes a whole number, not "${text}"`);
  return Number(text);
}

function printText(root: string, report: PruneReport, dryRun: boolean): void {
  if (report.removed.length > 0) {
    print(columns([['STREAM', 'FILES', 'BYTES', 'SEQUENCES', 'WHY'], ...report.removed.map(row)]));
  }
  const files = report.removed.reduce((sum, one) => sum + one.files.length, 0);
  const verb = dryRun ? 'would be removed' : 'removed';
  const what = files === 0 ? `nothing ${verb}` : `${plural(files, 'file')} ${verb}`;
  const text = `${what} · ${report.bytesBefore} bytes before, ${report.bytesAfter} after · ${root}`;
  print([line({ text, style: 'dim' })]);
}

function row(one: Removal): readonly Cell[] {
  const lost =
    one.lostRuns.length === 0 ? '' : `, ${plural(one.lostRuns.length, 'lost run')} in it`;
  return [
    shortWriter(one.writerId),
    `${one.files.length}${one.isWhole ? ' (all)' : ''}`,
    String(one.bytes),
    one.sequenceFrom === undefined ? '' : `${one.sequenceFrom}–${one.sequenceTo}`,
    `${one.reason === 'age' ? 'too old' : 'too much'}${lost}`,
  ];
}

function removalObject(one: Removal, dryRun: boolean): object {
  return {
    stream: one.writerId,
    role: one.role,
    directory: one.directory,
    files: one.files,
    whole: one.isWhole,
    bytes: one.bytes,
    reason: one.reason,
    sequence_from: one.sequenceFrom,
    sequence_to: one.sequenceTo,
    lost_runs: one.lostRuns,
    removed: !dryRun,
  };
}
