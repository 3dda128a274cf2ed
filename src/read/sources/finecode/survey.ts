/**
 * The first look at all WAL directories: which writers there are and where, what is said of each run, which lines are
 * copies, and what is damaged. Keeps no record. Opens read-only.
 */
import { join } from 'node:path';
import type { RootProblem } from '../../truth.js';
import type { WalDirectory } from './discover.js';
import { linesOf, type WalLine } from './lines.js';
import { embeddedIn, writerParts, type FineCodeRecord } from './record.js';
import { RunFacts, saw } from './run-facts.js';
import { SeenLines } from './seen-lines.js';
import { Tokens } from './tokens.js';
import { WriterFacts } from './writer.js';

export interface SurveyedDirectory {
  readonly directory: WalDirectory;
  /** In the order of their first line. */
  readonly writers: ReadonlyMap<string, WriterFacts>;
}

export interface Survey {
  readonly directories: readonly SurveyedDirectory[];
  readonly runs: RunFacts;
  readonly tokens: Tokens;
  /** Lines that are in another place already; by `copyKey`. */
  readonly copies: SeenLines;
  readonly problems: readonly RootProblem[];
}

/** So many faults of a writer are told one by one. */
const faultsMax = 1000;

/** Looks at everything. Never throws for what is on disk. `wantsToken` says which tokens are worth remembering. */
export function surveyOf(
  directories: readonly WalDirectory[],
  wantsToken: (token: string) => boolean,
): Survey {
  const survey = {
    runs: new RunFacts(),
    tokens: new Tokens(wantsToken),
    copies: new SeenLines(),
    seen: new SeenLines(),
  };
  const problems: RootProblem[] = [];
  const surveyed = directories.map((directory, index) => {
    const writers = new Map<string, WriterFacts>();
    for (const [segment, { file, bytes }] of directory.segments.entries()) {
      const at = { directory, index, segment, file, writers };
      try {
        lookAt(linesOf(join(directory.path, file), { from: 0, to: bytes }), at, survey);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        problems.push({ root: directory.path, message: `${file}: ${message}` });
      }
    }
    return { directory, writers };
  });
  const { runs, tokens, copies } = survey;
  return { directories: surveyed, runs, tokens, copies, problems };
}

/** A place in a directory, as the table of copies knows it. */
export function copyKey(directory: number, segment: number, offset: number): [number, number] {
  return [((directory & 0x7fff) << 17) | ((segment & 0xffff) << 1), offset];
}

interface At {
  readonly directory: WalDirectory;
  readonly index: number;
  readonly segment: number;
  readonly file: string;
  readonly writers: Map<string, WriterFacts>;
}

interface Facts extends Pick<Survey, 'runs' | 'tokens' | 'copies'> {
  readonly seen: SeenLines;
}

function lookAt(lines: Iterable<WalLine>, at: At, facts: Facts): void {
  /** Whose line came last: half a record that says nothing else is most likely of the same. */
  let before: WriterFacts | undefined = [...at.writers.values()].at(-1);
  let waiting: Extract<WalLine, { kind: 'fault' }>[] = [];
  for (const line of lines) {
    if (line.kind === 'fault') {
      if (before === undefined) waiting.push(line);
      else tellFault(before, line, at);
      continue;
    }
    const { record, offset } = line;
    const writer = writerOf(record, at);
    for (const fault of waiting) tellFault(writer, fault, at);
    waiting = [];
    before = writer;
    writer.saw(at.segment, offset, offset + line.bytes);
    if (record.schemaVersion > 2) writer.isLater = true;
    if (!facts.seen.add(line.crc, mixed(record))) {
      facts.copies.add(...copyKey(at.index, at.segment, offset));
      writer.duplicates += 1;
      continue;
    }
    writer.records += 1;
    const us = record.microseconds;
    if (us !== undefined) {
      writer.firstUs = Math.min(writer.firstUs, us);
      writer.lastUs = Math.max(writer.lastUs, us);
    }
    if (record.runId !== undefined) takeRun(facts, record, record.runId, writer.role === 'wm');
  }
  if (waiting.length === 0) return;
  const name = `${at.directory.role ?? 'wal'}-0-0`;
  const nobody = at.writers.get(name) ?? new WriterFacts(name, at.directory.role ?? 'wal');
  at.writers.set(name, nobody);
  for (const fault of waiting) tellFault(nobody, fault, at);
}

function writerOf(record: FineCodeRecord, at: At): WriterFacts {
  const known = at.writers.get(record.writerId);
  if (known !== undefined) return known;
  const role = writerParts(record.writerId)?.role ?? at.directory.role ?? 'wal';
  const writer = new WriterFacts(record.writerId, role);
  at.writers.set(record.writerId, writer);
  return writer;
}

function tellFault(
  writer: WriterFacts,
  { verdict, offset, bytes, message }: Extract<WalLine, { kind: 'fault' }>,
  { file, segment }: At,
): void {
  if (writer.faults.length < faultsMax) {
    writer.faults.push({ verdict, file, offset, bytes, message, segment });
  }
}

/** What two lines of one checksum still differ in. */
function mixed({ sequence, microseconds = 0 }: FineCodeRecord): number {
  return (Math.imul(sequence, 0x9e3779b1) ^ (microseconds % 2 ** 32)) >>> 0;
}

function takeRun(
  { runs, tokens }: Facts,
  record: FineCodeRecord,
  runId: string,
  isWm: boolean,
): void {
  const row = runs.rowOf(record, runId);
  const { event, payload, microseconds } = record;
  const embedded = embeddedIn(payload);
  if (embedded !== undefined) runs.embed(row, embedded, isWm);
  if (microseconds !== undefined) {
    const isEarlier = !(microseconds >= runs.startedAt(row)) && !runs.has(row, saw.wmAccepted);
    runs.tell(row, microseconds, event === 'run.accepted' && (isWm || isEarlier));
  }
  if (isWm) takeWm(runs, row, record);
  else takeEr({ runs, tokens }, row, record);
}

function takeWm(runs: RunFacts, row: number, { event, payload, action }: FineCodeRecord): void {
  if (event !== 'run.dispatched') runs.mark(row, saw.wm);
  switch (event) {
    case 'run.accepted':
      runs.mark(row, saw.wmAccepted);
      runs.setText(row, 'action', action);
      if (typeof payload['params_hash'] === 'string') runs.setHash(row, payload['params_hash']);
      break;
    case 'run.dispatched': {
      runs.add(row, 'dispatched');
      const env = typeof payload['env_name'] === 'string' ? payload['env_name'] : '';
      runs.setText(row, 'envs', `${runs.text(row, 'envs')}${env}\n`.slice(-1000));
      break;
    }
    case 'run.completed':
      runs.add(row, 'completed');
      break;
    case 'run.failed':
    case 'run.rejected':
      runs.add(row, 'failed');
      break;
    default:
  }
}

function takeEr(
  { runs, tokens }: Pick<Facts, 'runs' | 'tokens'>,
  row: number,
  { event, payload, action }: FineCodeRecord,
): void {
  runs.mark(row, saw.er);
  // Of a nested run in the same process the records have the outer run's id and another action.
  if (action !== runs.text(row, 'action')) return;
  if (event === 'run.accepted') {
    runs.add(row, 'erAccepted');
    if ('partial_result_token' in payload) runs.mark(row, saw.wholeAction);
    tokens.take(row, payload);
  } else if (event === 'run.completed' || event === 'run.failed') {
    runs.add(row, 'erEnded');
  }
}
