/** `throughline verify`: reads every byte of every stream and says what is not as it was written. Repairs nothing. */
import { readFile } from 'node:fs/promises';
import {
  readCheckpoints,
  type Checkpoint,
  type Fault,
  type VerifyReport,
} from '../../wal/index.js';
import { exitCode, UsageError, type Given } from '../command.js';
import { jsonLine } from '../json.js';
import { complain, rootsOf } from '../open-story.js';
import { plural } from '../render/truth-line.js';
import { faultPlace, shortWriter } from '../render/words.js';
import { columns, line, print, type Cell } from '../text.js';
import {
  damages,
  harmless,
  isThroughlineError,
  verifyRoot,
  type Verified,
} from '../verify-root.js';
import { verifyFineCode } from '../verify-finecode.js';

export async function execute(given: Given): Promise<number> {
  const publicKey = await read('key', given.value('key'));
  const kept = await keptCheckpoints(given, publicKey);
  const verified: Verified[] = [];
  const absent = new Set(kept.map(({ writerId }) => writerId));
  let isUnreadable = false;
  for (const root of rootsOf(given)) {
    try {
      for await (const one of verifyRoot(root, { publicKey, kept })) {
        absent.delete(one.ref.writerId);
        for (const writerId of one.pruned) absent.delete(writerId);
        verified.push(one);
      }
    } catch (error) {
      if (!isThroughlineError(error, 'ROOT_UNUSABLE')) throw error;
      isUnreadable = true;
      complain(error.message);
    }
  }
  if (verified.length === 0 && !isUnreadable && rootsOf(given).length > 0) {
    complain(`${rootsOf(given).join(', ')} holds no streams`);
    isUnreadable = true;
  }
  for (const writerId of absent) {
    complain(`a checkpoint kept elsewhere is about ${writerId}, which is not there`);
  }
  if (given.flag('json')) print(verified.map((one) => jsonLine('verify/1', verifyObject(one))));
  else if (verified.length > 0) printText(verified);
  const finecode = await verifyFineCode(given);
  isUnreadable ||= finecode.isUnreadable;
  if (isUnreadable || verified.some((one) => one.report === undefined)) return exitCode.unreadable;
  const isFound =
    finecode.isFound || absent.size > 0 || verified.some((one) => damages(one).length > 0);
  return isFound ? exitCode.finding : exitCode.ok;
}

async function read(what: string, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`the ${what} ${file} cannot be read`, { cause: error });
  }
}

async function keptCheckpoints(
  given: Given,
  publicKey: string | undefined,
): Promise<readonly Checkpoint[]> {
  const notes = await read('notes in', given.value('checkpoints'));
  if (notes === undefined) return [];
  if (publicKey === undefined) {
    throw new UsageError('--checkpoints needs --key: without it anybody could have written them');
  }
  try {
    return readCheckpoints(notes, publicKey);
  } catch (error) {
    if (isThroughlineError(error, 'ARGUMENT_INVALID')) {
      throw new UsageError(error.message, { cause: error });
    }
    throw error;
  }
}

function printText(verified: readonly Verified[]): void {
  print(
    columns([
      ['', 'STREAM', 'SEGMENTS', 'SEALED', 'SIGNED', 'RECORDS', 'DURABLE', 'RESULT'],
      ...verified.map(row),
    ]),
  );
  for (const { ref, report } of verified) {
    for (const fault of report?.faults ?? []) {
      const text = `${shortWriter(ref.writerId)}: ${fault.verdict} ${faultPlace(fault)}: ${fault.message}`;
      print([line({ text: harmless.has(fault.verdict) ? '· ' : '✗ ', style: 'dim' }, text)]);
    }
  }
  const damaged = verified.filter((one) => damages(one).length > 0).length;
  const text = `${plural(verified.length, 'stream')}, ${damaged === 0 ? 'none' : damaged} damaged`;
  print([line({ text, style: 'dim' })]);
}

function row(one: Verified): readonly Cell[] {
  const { ref, report } = one;
  const stream = shortWriter(ref.writerId);
  if (report === undefined) return ['✗', stream, '', '', '', '', '', one.problem];
  return [
    damages(one).length === 0 ? '✓' : '✗',
    stream,
    String(ref.segments.length),
    String(report.sealedSegments),
    String(report.signedSegments),
    String(report.records),
    `to ${report.synced}`,
    result(one, report),
  ];
}

function result(one: Verified, report: VerifyReport): string {
  const damage = damages(one);
  const other = new Set(report.faults.filter((fault) => harmless.has(fault.verdict)).map(word));
  const parts =
    damage.length === 0 ? ['as written'] : [`DAMAGED: ${[...new Set(damage)].join(', ')}`];
  parts.push(...other);
  if (report.signedTo > 0 && report.signedTo < report.last) {
    parts.push(`signed to ${report.signedTo}`);
  }
  if (report.clockRanBack + report.clockSteps > 0) {
    parts.push(`clock stepped ${plural(Math.max(report.clockRanBack, report.clockSteps), 'time')}`);
  }
  return parts.join(', ');
}

function word(fault: Fault): string {
  return { TORN: 'torn by a crash', UNSEALED: 'not sealed', SUPERSEDED: 'superseded' }[
    fault.verdict as 'TORN' | 'UNSEALED' | 'SUPERSEDED'
  ];
}

function verifyObject(one: Verified): object {
  const { ref, report, problem } = one;
  return {
    stream: ref.writerId,
    role: ref.role,
    directory: ref.directory,
    segments: ref.segments.length,
    ...(report === undefined
      ? { result: 'unreadable', problem }
      : {
          result: damages(one).length === 0 ? 'as_written' : 'damaged',
          sealed_segments: report.sealedSegments,
          signed_segments: report.signedSegments,
          signed_to: report.signedTo,
          checkpoint: report.checkpoint,
          records: report.records,
          last: report.last,
          synced: report.synced,
          clock_steps: report.clockSteps,
          clock_ran_back: report.clockRanBack,
          fault_count: report.faultCount,
          faults: report.faults.map((fault) => ({
            verdict: fault.verdict,
            file: fault.file,
            offset: fault.offset,
            bytes: fault.bytes,
            sequence_from: fault.sequenceFrom,
            sequence_to: fault.sequenceTo,
            message: fault.message,
          })),
        }),
  };
}
