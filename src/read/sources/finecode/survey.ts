/**
 * The first look at all WAL directories: which writers there are and where, what is said of each run, which lines are
 * copies, and what is damaged. Keeps no record. Opens read-only.
 */
import { join } from 'node:path';
import type { RootProblem } from '../../merge/truth.js';
import type { WalDirectory } from './discover.js';
import { linesOf, type WalLine } from './lines.js';
import { writerParts, type FineCodeRecord } from './record.js';
import { RunFacts } from './run-facts.js';
import { SeenLines } from './seen-lines.js';
import { takeRun } from './take-run.js';
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
    // Its lines go on behind another's: both of them have the file open.
    if (before !== undefined && before !== writer && writer.isIn(at.segment)) {
      writer.sharedWith.add(before.writerId);
    }
    before = writer;
    writer.saw(at.segment, offset, offset + line.bytes);
    if (record.schemaVersion > 2) writer.isLater = true;
    if (!facts.seen.add(line.crc, mixed(record))) {
      facts.copies.add(...copyKey(at.index, at.segment, offset));
      writer.duplicates += 1;
      continue;
    }
    writer.count(record, { segment: at.segment, file: at.file, offset });
    if (record.runId === undefined) continue;
    const row = takeRun(facts, record, record.runId, writer.role === 'wm');
    facts.runs.setPlace(row, { directory: at.index, segment: at.segment, offset });
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
