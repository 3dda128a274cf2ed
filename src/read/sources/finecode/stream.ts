/** One writer in one WAL directory as a stream: its records with the spans they belong to. Opens read-only. */
import { join } from 'node:path';
import { hlcAt, type Hlc } from '../../../context/index.js';
import type { Imported } from '../imported.js';
import type { SourceItem, StreamSource } from '../source.js';
import type { WriterState } from '../../merge/streams.js';
import { ErSpans } from './er-spans.js';
import { linesOf, type WalLine } from './lines.js';
import type { FineCodeRecord } from './record.js';
import type { RunPlaces } from './spans.js';
import { copyKey, type Survey, type SurveyedDirectory } from './survey.js';
import { WmSpans } from './wm-spans.js';
import type { WriterFacts } from './writer.js';

const batchMax = 256;

interface Parts {
  readonly survey: Survey;
  /** Its place in the survey. */
  readonly index: number;
  readonly at: SurveyedDirectory;
  readonly facts: WriterFacts;
  readonly places: RunPlaces;
}

export class FineCodeStream implements StreamSource {
  readonly root: string;
  readonly role: string;
  readonly writerId: string;
  readonly copies: number;
  readonly segments: number;
  readonly isLater: boolean;
  readonly writer: WriterState = writerState;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    const { facts, at } = parts;
    this.root = at.directory.path;
    this.role = facts.role;
    this.writerId = facts.writerId;
    this.copies = facts.duplicates;
    this.segments = facts.stretches.length;
    this.isLater = facts.isLater;
    this.#parts = parts;
  }

  async *scan(): AsyncGenerator<readonly SourceItem[], void, undefined> {
    const { at, facts } = this.#parts;
    const run = this.#scanner();
    // Others' lines need not be parsed.
    const holding = Buffer.from(`"${this.writerId}"`);
    const faults = [...facts.allFaults()];
    let items: SourceItem[] = [];
    for (const { segment, from, to } of facts.stretches) {
      const file = at.directory.segments[segment]?.file ?? '';
      try {
        for (const line of linesOf(join(this.root, file), { from, to, holding })) {
          if (line.kind === 'fault' || line.record.writerId !== this.writerId) continue;
          while (faults[0] !== undefined && isBefore(faults[0], segment, line.offset)) {
            items.push(faultItem(faults.shift()));
          }
          const item = run(line, segment, file);
          if (item !== undefined) items.push(item);
          if (items.length < batchMax) continue;
          yield items;
          items = [];
          // So that a long stream leaves others their turn.
          await Promise.resolve();
        }
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        items.push({ kind: 'fault', fault: { verdict: 'UNREADABLE', file, offset: 0, message } });
      }
    }
    yield [...items, ...faults.map((fault) => faultItem(fault))];
  }

  first(): Promise<Hlc> {
    const { firstUs } = this.#parts.facts;
    return Promise.resolve(hlcAt(Number.isFinite(firstUs) ? firstUs : 0));
  }

  endedBefore(microseconds: number): Promise<boolean> {
    const { facts } = this.#parts;
    return Promise.resolve(facts.records > 0 && facts.lastUs < microseconds);
  }

  /** Makes items of lines, in their order. */
  #scanner(): (
    line: Extract<WalLine, { kind: 'record' }>,
    segment: number,
    file: string,
  ) => SourceItem | undefined {
    const { survey, index, places, at } = this.#parts;
    const { writerId } = this;
    const spans =
      this.role === 'wm'
        ? new WmSpans(places)
        : new ErSpans(places, { writerId, env: at.directory.env });
    let lastUs = 0;
    return ({ record, offset, text }, segment, file) => {
      if (survey.copies.has(...copyKey(index, segment, offset))) return undefined;
      // FineCode has no clock but the wall's, which may be set back.
      lastUs = Math.max(lastUs, record.microseconds ?? 0);
      return {
        kind: 'line',
        sequence: record.sequence,
        file,
        offset,
        text,
        hlc: hlcAt(lastUs),
        acknowledged: 'unknown',
        imported: importedOf(record, spans),
        parsed: record.whole,
      };
    };
  }
}

function importedOf(record: FineCodeRecord, spans: WmSpans | ErSpans): Imported {
  const known = record.runId === undefined ? undefined : spans.of(record, record.runId);
  const imported = known ?? {};
  return record.devEnv === '' ? imported : { ...imported, front: record.devEnv };
}

function isBefore(
  fault: { readonly segment: number; readonly offset: number },
  segment: number,
  offset: number,
): boolean {
  return fault.segment < segment || (fault.segment === segment && fault.offset < offset);
}

function faultItem(fault: WriterFacts['faults'][number] | undefined): SourceItem {
  const { segment: _, ...rest } = fault ?? {
    segment: 0,
    verdict: 'CORRUPT',
    file: '',
    offset: 0,
    message: '',
  };
  return { kind: 'fault', fault: rest };
}

/**
 * Whether the writer lives cannot be told from what FineCode wrote: a pid and a second are of some machine, boot and
 * container, none of which is named. And that it lives would prove nothing of a run, whose client may have gone.
 */
const writerState: WriterState = {
  state: 'unknown',
  evidence: 'FineCode writes no end when a client hangs up or a process dies',
};
