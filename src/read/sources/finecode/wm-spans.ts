/**
 * The spans of what a WM recorded: the run, and an attempt for each segment that it sent to an env. `run.completed` is
 * written once for each segment, so that the last one ends the run, when there are as many as attempts. Pure but for its count.
 */
import { text } from '../../entry/entry.js';
import type { Imported } from '../imported.js';
import type { FineCodeRecord } from './record.js';
import { saw } from './run-facts.js';
import { attemptSpan, hung, type RunPlace, type RunPlaces } from './spans.js';

interface Progress {
  readonly attempts: Map<string, number>;
  begun: number;
  ends: number;
  isEnded: boolean;
}

export class WmSpans {
  readonly #places: RunPlaces;
  readonly #open = new Map<number, Progress>();

  constructor(places: RunPlaces) {
    this.#places = places;
  }

  /** In the order of the stream. */
  of(record: FineCodeRecord, runId: string): Imported | undefined {
    const place = this.#places.of(runId);
    if (place === undefined) return undefined;
    const { row, common } = place;
    if (this.#places.facts.has(row, saw.nativeWm)) return { ...common };
    const known = this.#open.get(row);
    const progress = known ?? {
      attempts: new Map<string, number>(),
      begun: 0,
      ends: 0,
      isEnded: false,
    };
    if (known === undefined) this.#open.set(row, progress);
    const ofRun = {
      ...common,
      ...place.joint,
      spanId: place.runSpan,
      parentSpanId: place.parent,
    };
    switch (record.event) {
      case 'run.dispatched':
        return { ...common, ...this.#attempt(record, place, progress) };
      case 'run.completed':
      case 'run.failed':
      case 'run.rejected':
        return { ...ofRun, ...this.#end(record, place, progress) };
      default:
        return ofRun;
    }
  }

  #attempt({ payload }: FineCodeRecord, place: RunPlace, progress: Progress): Imported {
    const { attempts } = progress;
    progress.begun += 1;
    const env = text(payload['env_name']) ?? '';
    const number = (attempts.get(env) ?? 0) + 1;
    attempts.set(env, number);
    const isRecorded = this.#places.facts.has(place.row, saw.wm);
    const spanId = attemptSpan(place.runId, env, number);
    return { spanId, ...hung(place, place.top, isRecorded), env };
  }

  #end(
    { event }: FineCodeRecord,
    { row, isSeen }: RunPlace,
    progress: Progress,
  ): Pick<Imported, 'isPart' | 'isEndInferred'> {
    const { facts } = this.#places;
    const [completed, failed] = [facts.count(row, 'completed'), facts.count(row, 'failed')];
    progress.ends += 1;
    const isAll = progress.ends >= completed + failed;
    if (isAll && progress.begun >= facts.count(row, 'dispatched')) this.#open.delete(row);
    if (progress.isEnded) return { isPart: true };
    const dispatched = facts.count(row, 'dispatched');
    const isLast = failed === 0 && progress.ends === completed && completed >= dispatched;
    if (event === 'run.completed' && !isLast) return { isPart: true };
    progress.isEnded = true;
    // An action that ran whole in one env has no other segment to wait for.
    const isCertain = isSeen || event !== 'run.completed' || facts.has(row, saw.wholeAction);
    return isCertain ? {} : { isEndInferred: true };
  }
}
