/** What is wrong with FineCode's own record of itself. Reads the lines that prove it, and nothing else. */
import { join } from 'node:path';
import { traceIdOf } from '../../../context/index.js';
import type { Finding, RecordReference } from '../../findings/finding.js';
import { linesOf } from './lines.js';
import type { Joins } from './join.js';
import { saw, type RunFacts } from './run-facts.js';
import { RunPlaces } from './spans.js';
import type { Survey, SurveyedDirectory } from './survey.js';
import type { WriterFacts } from './writer.js';

/** So many runs are told of, in the order in which they were found. */
const findingsMax = 10_000;
/** Mostly a record is in the first so many bytes, and else in the second. */
const lineBytes = [4096, 1024 * 1024] as const;

interface Known {
  readonly survey: Survey;
  readonly joins: Joins;
}

export function findingsOf(known: Known): readonly Finding[] {
  const findings: Finding[] = [];
  for (const at of known.survey.directories) {
    for (const writer of at.writers.values()) findings.push(...ofWriter(at, writer));
  }
  const places = new RunPlaces(known.survey.runs, known.joins);
  for (let row = 0; row < known.survey.runs.length && findings.length < findingsMax; row += 1) {
    findings.push(...ofRun(known, places, row));
  }
  return findings;
}

function ofWriter({ directory }: SurveyedDirectory, writer: WriterFacts): readonly Finding[] {
  const findings: Finding[] = [];
  const { path: root } = directory;
  const { writerId } = writer;
  for (const { file, offset, verdict, message } of writer.allFaults()) {
    if (verdict === 'TORN') continue;
    findings.push({
      name: 'line_glued',
      message: `${join(root, file)}:${offset}: ${message}`,
      recovery: 'unknown',
      because: 'what is lost may be the end of a run, or all that was recorded of one',
      records: [{ root, writerId, sequence: 0, file, offset, event: '', ts: '' }],
    });
  }
  for (const other of writer.sharedWith) {
    findings.push({
      name: 'file_shared',
      message: `${writerId} and ${other} append to the same files in ${root}`,
      recovery: 'unknown',
      because:
        'either of them removes what the other wrote, and a torn line of one takes one of the other',
      records: [],
    });
  }
  return findings;
}

function* ofRun(
  { survey, joins }: Known,
  places: RunPlaces,
  row: number,
): Generator<Finding, void, undefined> {
  const { runs } = survey;
  const isHooked = runs.has(row, saw.nativeWm | saw.nativeEr);
  const isJoined = joins.of(row) !== undefined;
  const candidates = joins.candidates(row);
  const isUnrecorded = runs.has(row, saw.er) && !runs.has(row, saw.wm) && !isHooked && !isJoined;
  const dangling = isHooked ? '' : danglingOf(runs, row);
  if (candidates.length === 0 && !isUnrecorded && dangling === '') return;
  const reference = referenceOf(survey, row);
  if (reference === undefined) return;
  const { runId, ...proof } = reference;
  const place = places.of(runId);
  const base = {
    recovery: 'unknown',
    records: [proof],
    ...(place?.common.correlationId === undefined
      ? {}
      : { correlationId: place.common.correlationId, spanId: place.runSpan }),
  } as const;
  const what = `run ${runs.text(row, 'action')} (${runId})`;
  if (candidates.length > 0) {
    const ids = candidates.map(({ request }) => traceIdOf(request.correlationId)).join(', ');
    yield {
      ...base,
      name: 'join_ambiguous',
      message: `${what} may have been asked for by any of ${candidates.length} requests: ${ids}`,
      because: 'they were under way when it began, and nothing that is recorded tells them apart',
    };
  }
  if (isUnrecorded) {
    const because = "FineCode's WM records nothing of a run whose results are streamed";
    yield { ...base, name: 'run_unrecorded', message: `${what}: only ERs recorded it`, because };
  }
  if (dangling === '') return;
  const because = 'FineCode records no end when a client goes away, nor when a process dies';
  yield { ...base, name: 'run_dangling', message: `${what}: ${dangling}`, because };
}

/** What of the run has no end; empty: nothing. */
function danglingOf(runs: RunFacts, row: number): string {
  const count = (what: 'dispatched' | 'completed' | 'failed' | 'erAccepted' | 'erEnded'): number =>
    runs.count(row, what);
  if (runs.has(row, saw.wm) && count('failed') === 0) {
    const [dispatched, completed] = [count('dispatched'), count('completed')];
    if (completed === 0 || completed < dispatched) {
      return `its WM recorded ${completed} ends for ${dispatched} attempts`;
    }
  }
  if (count('erEnded') >= count('erAccepted')) return '';
  return `its ERs recorded ${count('erEnded')} ends for ${count('erAccepted')} beginnings`;
}

/** The run's first record, looked up again. */
function referenceOf(
  survey: Survey,
  row: number,
): (RecordReference & { readonly runId: string }) | undefined {
  const { directory, segment, offset } = survey.runs.placeOf(row);
  const at = survey.directories[directory]?.directory;
  const file = at?.segments[segment]?.file;
  if (at === undefined || file === undefined) return undefined;
  try {
    for (const bytes of lineBytes) {
      const window = { from: offset, to: offset + bytes };
      const [line] = linesOf(join(at.path, file), window);
      if (line?.kind !== 'record' || line.record.runId === undefined) continue;
      const { writerId, sequence, event, microseconds, runId } = line.record;
      const ts = new Date((microseconds ?? 0) / 1000).toISOString();
      return { root: at.path, writerId, sequence, file, offset, event, ts, runId };
    }
  } catch {
    // Removed by retention since: then there is no proof any more.
  }
  return undefined;
}
