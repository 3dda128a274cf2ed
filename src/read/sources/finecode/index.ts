/**
 * FineCode's WAL as a source, beside streams of ours: what it wrote is read as it is, and joined with what our recorder and
 * our hook know of it. Opens read-only; what is written while it reads is left for the next time.
 */
import { resolve } from 'node:path';
import type { Finding } from '../../findings/finding.js';
import { nativeSource } from '../native-source.js';
import type { Source, StreamSource } from '../source.js';
import { discover } from './discover.js';
import { findingsOf } from './findings.js';
import { joinRuns, type Joins } from './join.js';
import { saw } from './run-facts.js';
import { RunPlaces } from './spans.js';
import { FineCodeStream } from './stream.js';
import { surveyOf, type Survey } from './survey.js';
import { nativeFacts, type NativeFacts } from './targets.js';

export interface FineCodeSourceOptions {
  /** Workspaces, projects, venvs, WAL directories, or folders of any of these. */
  readonly places: readonly string[];
  /** Where streams of ours are that may know what caused FineCode's runs: those that are read beside it. */
  readonly roots?: readonly string[] | undefined;
}

/** Looks at everything when its streams are listed, and again each time they are. */
export function finecodeSource(options: FineCodeSourceOptions): Source {
  let last:
    | { readonly survey: Survey; readonly joins: Joins; readonly native: NativeFacts }
    | undefined;
  return {
    async list() {
      const native = await nativeFacts(await nativeStreams(options.roots ?? []));
      const { directories, problems } = discover(options.places);
      const survey = surveyOf(directories, (token) => native.tokens.has(token));
      markHooked(survey, native);
      const { runs, tokens } = survey;
      const joins = joinRuns({ runs, tokens, native });
      last = { survey, joins, native };
      const places = new RunPlaces(runs, joins);
      const streams = survey.directories.flatMap((at, index) =>
        [...at.writers.values()].map(
          (facts): StreamSource => new FineCodeStream({ survey, index, at, facts, places }),
        ),
      );
      return { streams, problems: [...problems, ...survey.problems] };
    },
    findings: (): readonly Finding[] => (last === undefined ? [] : findingsOf(last)),
  };
}

async function nativeStreams(roots: readonly string[]): Promise<readonly StreamSource[]> {
  const streams: StreamSource[] = [];
  for (const root of new Set(roots.map((given) => resolve(given)))) {
    // What is wrong with a root is said by whoever reads it for itself.
    streams.push(...(await nativeSource(root).list()).streams);
  }
  return streams;
}

function markHooked({ runs }: Survey, { hooked }: NativeFacts): void {
  for (const [runId, { isWm, isEr, span }] of hooked) {
    const row = runs.find(runId);
    if (row === -1) continue;
    if (isWm) runs.mark(row, saw.nativeWm);
    if (isEr) runs.mark(row, saw.nativeEr);
    // As if FineCode's records had been stamped: they are of the run that the stream tells of.
    if (span !== undefined) runs.embed(row, { ...span, parentSpanId: span.spanId }, true);
  }
}
