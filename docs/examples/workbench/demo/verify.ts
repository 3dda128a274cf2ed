/**
 * Did every id arrive where it must? Which records a request caused is known by its `reason`, which travels in the
 * parameters; what is checked is what travels beside them. Reads the merged streams only.
 */
import type { Entry } from 'throughline/read';
import type { ActionName } from '../actions.js';
import type { Asked } from './asked.js';

export interface Check {
  readonly title: string;
  /** How many things were looked at. */
  readonly counted: number;
  /** One sentence for each that is wrong. */
  readonly wrong: readonly string[];
}

/** How many runs one request for the action makes in the WM and as many in the ERs: a check asks for three more. */
const runsOf = (action: ActionName): number => (action === 'check' ? 4 : 1);
const terminals: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled']);

/** All records, in merged order, by what they are looked up by. */
interface Index {
  readonly entries: readonly Entry[];
  readonly position: ReadonlyMap<Entry, number>;
  /** The first record of each span. */
  readonly spans: ReadonlyMap<string, Entry>;
  /** By `wal_run_id`. */
  readonly runs: ReadonlyMap<string, readonly Entry[]>;
}

/** A request and every record of every run that names its reason. */
interface Found {
  readonly asked: Asked;
  readonly accepted: readonly Entry[];
  readonly records: readonly Entry[];
}

/** The checks for some requests. `entries` is everything, in merged order. */
export function verify(entries: readonly Entry[], asked: readonly Asked[]): readonly Check[] {
  const index = indexOf(entries);
  const accepted = groupBy(entries, reasonOf);
  const found = asked.map((one): Found => {
    const runs = accepted.get(one.reason) ?? [];
    return { asked: one, accepted: runs, records: runs.flatMap((run) => recordsOf(run, index)) };
  });
  return [
    checkRuns(found, index),
    checkIds(found),
    checkOwners(found, index),
    checkParents(found, index),
    checkOrder(found, index),
  ];
}

function checkRuns(found: readonly Found[], index: Index): Check {
  const { check, expect } = start('runs of these requests are there, each with one end');
  for (const { asked, accepted } of found) {
    const expected = asked.actions.reduce((sum, action) => sum + runsOf(action), 0);
    for (const role of ['wm', 'er']) {
      const runs = accepted.filter((run) => roleOf(run) === role);
      for (let missing = runs.length; missing < expected; missing += 1) {
        expect(false, `${asked.reason}: a run is missing in ${role}`);
      }
      for (const [number, run] of runs.entries()) {
        const ends = recordsOf(run, index).filter(isTerminal).length;
        expect(number < expected && ends === 1, `${asked.reason}: ${nameOf(run)}, ${ends} ends`);
      }
    }
  }
  return check;
}

function checkIds(found: readonly Found[]): Check {
  const { check, expect } = start("records carry their request's id");
  for (const { asked, records } of found) {
    const { told, sent, reason } = asked;
    const isContinued = sent === undefined || sent.traceId === told.trace_id;
    for (const record of records) {
      const { correlationId } = record;
      const isRight = isContinued && correlationId === told.correlation_id;
      expect(isRight, `${reason}: ${nameOf(record)} carries ${correlationId}`);
    }
  }
  return check;
}

/** The other way round: whatever carries a request's id was caused by that request. */
function checkOwners(found: readonly Found[], { entries }: Index): Check {
  const { check, expect } = start("records with those ids are their request's own");
  const owners = new Map<unknown, Found>();
  for (const one of found) {
    const { correlation_id: id } = one.asked.told;
    expect(!owners.has(id), `${one.asked.reason}: another request has its id`);
    owners.set(id, one);
  }
  for (const entry of entries) {
    const owner = owners.get(entry.correlationId);
    if (owner === undefined) continue;
    expect(owner.records.includes(entry), `${nameOf(entry)} has the id of ${owner.asked.reason}`);
  }
  return check;
}

function checkParents(found: readonly Found[], { spans }: Index): Check {
  const { check, expect } = start('spans have the right parent');
  for (const { asked, records } of found) {
    const own = new Set(records);
    const caused = new Set<Entry>();
    for (const record of records) {
      if (spans.get(record.spanId ?? '') !== record) continue;
      const parent = spans.get(record.parentSpanId ?? '');
      const isRight =
        parent === undefined
          ? isEntry(record) && record.parentSpanId === asked.told.span_id
          : own.has(parent) && isCause(parent, record) && !caused.has(parent);
      expect(isRight, `${asked.reason}: the parent of ${nameOf(record)}`);
      // One attempt causes one run; a run may have several handlers, and a handler several attempts.
      if (parent?.event === 'run.dispatched') caused.add(parent);
    }
  }
  return check;
}

function checkOrder(found: readonly Found[], index: Index): Check {
  const { check, expect } = start('records come after their cause and before its end');
  const { spans, position } = index;
  const isBefore = (a: Entry, b: Entry): boolean => (position.get(a) ?? 0) < (position.get(b) ?? 0);
  for (const { asked, records } of found) {
    for (const record of records) {
      const cause = spans.get(record.parentSpanId ?? '');
      const own = spans.get(record.spanId ?? '') ?? record;
      const end = cause === undefined ? undefined : recordsOf(cause, index).find(isTerminal);
      const isRight =
        (own === record || isBefore(own, record)) &&
        (cause === undefined || isBefore(cause, record)) &&
        (end === undefined || end === record || isBefore(record, end));
      expect(isRight, `${asked.reason}: ${nameOf(record)} is out of order`);
    }
  }
  return check;
}

function start(title: string): {
  readonly check: Check;
  readonly expect: (isRight: boolean, sentence: string) => void;
} {
  const check = { title, counted: 0, wrong: [] as string[] };
  const expect = (isRight: boolean, sentence: string): void => {
    check.counted += 1;
    if (!isRight) check.wrong.push(sentence);
  };
  return { check, expect };
}

/** A front's request enters through the WM. */
function isEntry(record: Entry): boolean {
  return roleOf(record) === 'wm' && record.event === 'run.accepted';
}

/** A run is caused by an attempt of the other side; everything else by something in its own run. */
function isCause(parent: Entry, record: Entry): boolean {
  if (record.event !== 'run.accepted') return parent.runId === record.runId;
  return parent.event === 'run.dispatched' && roleOf(parent) !== roleOf(record);
}

function isTerminal(entry: Entry): boolean {
  return terminals.has(entry.event);
}

function reasonOf({ event, payload }: Entry): string | undefined {
  if (event !== 'run.accepted') return undefined;
  return (payload['summary'] as { readonly reason?: string } | undefined)?.reason;
}

function roleOf(entry: Entry): string {
  return entry.writerId.slice(0, entry.writerId.lastIndexOf('-'));
}

function nameOf(entry: Entry): string {
  return `${entry.writerId} ${entry.sequence} ${entry.event} ${entry.action ?? ''}`.trimEnd();
}

function recordsOf(entry: Entry, { runs }: Index): readonly Entry[] {
  return runs.get(entry.runId ?? '') ?? [];
}

function indexOf(entries: readonly Entry[]): Index {
  const position = new Map(entries.map((entry, index) => [entry, index]));
  const spans = new Map<string, Entry>();
  for (const entry of entries) {
    if (entry.spanId !== undefined && !spans.has(entry.spanId)) spans.set(entry.spanId, entry);
  }
  return { entries, position, spans, runs: groupBy(entries, (entry) => entry.runId) };
}

function groupBy(
  entries: readonly Entry[],
  keyOf: (entry: Entry) => string | undefined,
): ReadonlyMap<string, readonly Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return groups;
}
