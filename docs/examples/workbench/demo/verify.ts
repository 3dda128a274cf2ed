/**
 * Did every id arrive where it must? Which records a request caused is known by its `reason`, which travels in the
 * parameters; what is checked is what travels beside them. Reads the merged streams only.
 */
import type { Entry } from 'throughline/read';
import type { ActionName } from '../actions.js';
import type { Asked } from './asked.js';

export interface Check {
  readonly title: string;
  readonly counted: number;
  /** One sentence each; empty when all is well. */
  readonly wrong: readonly string[];
}

/** How many runs one request for the action makes in the WM and as many in the ERs: a check asks for three more. */
const runsOf = (action: ActionName): number => (action === 'check' ? 4 : 1);
const terminals: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled']);

interface Found {
  readonly asked: Asked;
  readonly accepted: readonly Entry[];
  /** Every record of every run that the request caused. */
  readonly records: readonly Entry[];
}

/** The checks for the requests of one front. `entries` is everything, in merged order. */
export function verify(entries: readonly Entry[], asked: readonly Asked[]): readonly Check[] {
  const found = find(entries, asked);
  return [
    checkRuns(found),
    checkIds(found),
    checkStrangers(entries, found),
    ...checkSpans(entries, found),
  ];
}

function find(entries: readonly Entry[], asked: readonly Asked[]): readonly Found[] {
  const accepted = groupBy(entries, (entry) =>
    entry.event === 'run.accepted' ? reasonOf(entry) : undefined,
  );
  const byRun = groupBy(entries, (entry) => entry.runId);
  return asked.map((one) => {
    const runs = accepted.get(one.reason) ?? [];
    return {
      asked: one,
      accepted: runs,
      records: runs.flatMap((run) => byRun.get(run.runId ?? '') ?? []),
    };
  });
}

function checkRuns(found: readonly Found[]): Check {
  const wrong: string[] = [];
  for (const { asked, accepted } of found) {
    const expected = asked.actions.reduce((sum, action) => sum + runsOf(action), 0);
    for (const role of ['wm', 'er']) {
      const runs = accepted.filter((run) => roleOf(run) === role).length;
      if (runs !== expected)
        wrong.push(`${asked.reason}: ${runs} runs in ${role}, not ${expected}`);
    }
  }
  const counted = found.reduce((sum, { accepted }) => sum + accepted.length, 0);
  return { title: `runs of ${found.length} requests, in WM and ERs`, counted, wrong };
}

function checkIds(found: readonly Found[]): Check {
  const wrong: string[] = [];
  for (const { asked, records } of found) {
    const { told, sent } = asked;
    if (sent !== undefined && told.trace_id !== sent.traceId) {
      wrong.push(`${asked.reason}: the front left the trace ${sent.traceId}`);
    }
    for (const record of records) {
      if (record.correlationId !== told.correlation_id) {
        wrong.push(`${asked.reason}: ${nameOf(record)} carries ${record.correlationId}`);
      }
    }
  }
  const counted = found.reduce((sum, { records }) => sum + records.length, 0);
  return { title: "records that carry their request's id", counted, wrong };
}

/** The other way round: what carries a request's id was caused by that request. */
function checkStrangers(entries: readonly Entry[], found: readonly Found[]): Check {
  const owners = new Map(found.map((one) => [one.asked.told.correlation_id, one]));
  const carriers = entries.filter((entry) => owners.has(entry.correlationId));
  const wrong = carriers
    .filter((entry) => owners.get(entry.correlationId)?.records.includes(entry) !== true)
    .map(
      (entry) =>
        `${nameOf(entry)} carries the id of ${owners.get(entry.correlationId)?.asked.reason}`,
    );
  const title = "records under those ids, none of them another's";
  return { title, counted: carriers.length, wrong };
}

function checkSpans(entries: readonly Entry[], found: readonly Found[]): readonly Check[] {
  const first = new Map<string, Entry>();
  const position = new Map<Entry, number>();
  const terminal = new Map<string, Entry>();
  for (const [index, entry] of entries.entries()) {
    position.set(entry, index);
    if (entry.spanId === undefined) continue;
    if (!first.has(entry.spanId)) first.set(entry.spanId, entry);
    if (terminals.has(entry.event)) terminal.set(entry.spanId, entry);
  }
  const parents = {
    title: 'spans whose parents lead to their request',
    counted: 0,
    wrong: [] as string[],
  };
  const order = { title: 'records after what caused them', counted: 0, wrong: [] as string[] };
  for (const { asked, accepted, records } of found) {
    const own = new Set(records);
    for (const record of new Set(records.map((one) => first.get(one.spanId ?? '') ?? one))) {
      parents.counted += 1;
      const parent = first.get(record.parentSpanId ?? '');
      const isRight =
        parent === undefined
          ? isEntry(record) && record.parentSpanId === asked.told.span_id
          : own.has(parent) && isCause(parent, record);
      if (!isRight) parents.wrong.push(`${asked.reason}: ${nameOf(record)} has the wrong parent`);
    }
    for (const record of records) {
      const cause = first.get(record.parentSpanId ?? '');
      if (cause === undefined) continue;
      order.counted += 1;
      if ((position.get(cause) ?? 0) >= (position.get(record) ?? 0)) {
        order.wrong.push(`${asked.reason}: ${nameOf(record)} comes before ${nameOf(cause)}`);
      }
    }
    for (const run of accepted) checkTerminal(run);
  }
  return [parents, order];

  /** The run that waited for this one (through a dispatch, perhaps inside a handler) ends after it. */
  function checkTerminal(run: Entry): void {
    const dispatch = first.get(run.parentSpanId ?? '');
    const end = terminal.get(run.spanId ?? '');
    const waiting = entries.find(
      (one) => terminals.has(one.event) && one.runId === dispatch?.runId,
    );
    if (dispatch === undefined || end === undefined || waiting === undefined) return;
    order.counted += 1;
    if ((position.get(waiting) ?? 0) <= (position.get(end) ?? 0)) {
      order.wrong.push(`${nameOf(waiting)} comes before ${nameOf(end)}`);
    }
  }
}

/** A front's request enters through the WM. */
function isEntry(record: Entry): boolean {
  return roleOf(record) === 'wm' && record.event === 'run.accepted';
}

/** A run is caused by a dispatch of the other side, for the same action; everything else by its own run. */
function isCause(parent: Entry, record: Entry): boolean {
  if (record.event !== 'run.accepted') return parent.runId === record.runId;
  return parent.event === 'run.dispatched' && roleOf(parent) !== roleOf(record);
}

function reasonOf(accepted: Entry): string | undefined {
  return (accepted.payload['summary'] as { readonly reason?: string } | undefined)?.reason;
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

function roleOf(entry: Entry): string {
  return entry.writerId.slice(0, entry.writerId.lastIndexOf('-'));
}

function nameOf(entry: Entry): string {
  return `${entry.writerId} ${entry.sequence} ${entry.event} ${entry.action ?? ''}`.trimEnd();
}
