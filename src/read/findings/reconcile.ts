/**
 * Where the streams contradict each other or themselves, with the records that prove it and what it means for whoever
 * has to decide whether to run work again. Reads twice: the story, and then the proof. It repairs and decides nothing.
 */
import { clockFindings, ClockWatch } from './clock-steps.js';
import type { Entry, JsonObject } from '../entry/entry.js';
import { referenceOf, type Finding } from './finding.js';
import { openJournal, type JournalOptions } from '../merge/journal.js';
import type { Span } from '../spans/span.js';
import { spanKey } from '../spans/spans.js';
import { readStory, type Story } from '../requests/story.js';
import { suspectsOf, type Suspect } from './suspects.js';

export interface Reconciliation {
  /** Of requests newest first, then of streams. */
  readonly findings: readonly Finding[];
  readonly story: Story;
  /** True: there were more than could be looked into. */
  readonly isCut: boolean;
}

/** So many suspects are looked into, newest first. */
const suspectsMax = 10_000;
/** So many records are kept as proof of one finding. */
const proofMax = 16;

/** Reads everything and compares. Never throws for what is on disk. */
export async function reconcile(options: JournalOptions): Promise<Reconciliation> {
  const story = await readStory(options);
  const suspects: Suspect[] = [];
  let isCut = false;
  for await (const suspect of suspectsOf(story)) {
    isCut = suspects.length === suspectsMax;
    if (isCut) break;
    suspects.push(suspect);
  }
  const wanted = new Map<string, Entry[]>();
  for (const { spans } of suspects) for (const span of spans) wanted.set(keyOf(span), []);
  const clocks = new ClockWatch();
  const hasty = new Set<string>();
  const journal = await openJournal(options);
  for await (const item of journal.items()) {
    if (item.kind === 'fault') continue;
    const { entry } = item;
    clocks.add(entry);
    if (beginsUnrecorded(entry)) hasty.add(entry.writerId);
    if (entry.correlationId === undefined || entry.spanId === undefined) continue;
    wanted.get(spanKey(entry.correlationId, entry.spanId))?.push(entry);
  }
  const findings: Finding[] = [];
  for (const suspect of suspects) {
    findings.push(...findingsOf(relying(suspect, hasty), wanted));
  }
  for (const source of options.sources ?? []) findings.push(...(source.findings?.() ?? []));
  return { findings: [...findings, ...clockFindings(clocks)], story, isCut };
}

/** A writer with such a record begins runs before they are durable: killed, it may leave one that no record tells of. */
function beginsUnrecorded(entry: Entry): boolean {
  if (entry.event === 'wal.late') return true;
  return entry.event === 'run.accepted' && entry.payload['durability'] !== 'barrier';
}

function relying(suspect: Suspect, hasty: ReadonlySet<string>): Suspect {
  if (suspect.restsOn === undefined || !hasty.has(suspect.restsOn)) return suspect;
  const because = 'its stream was not closed, and it begins runs before their records are durable';
  return { ...suspect, recovery: 'unknown', because };
}

function findingsOf(
  suspect: Suspect,
  wanted: ReadonlyMap<string, readonly Entry[]>,
): readonly Finding[] {
  if (suspect.runs !== undefined) return repetitions(suspect, suspect.runs, wanted);
  const entries = suspect.spans.flatMap((span) => proofOf(span, wanted, suspect.events));
  return [findingOf(suspect, suspect.message, entries)];
}

/** Runs under one parent by the message that asked for them: only what is the same twice is a repetition. */
function repetitions(
  suspect: Suspect,
  runs: readonly Span[],
  wanted: ReadonlyMap<string, readonly Entry[]>,
): readonly Finding[] {
  const [first] = runs;
  const accepted = runs.flatMap((run) =>
    proofOf(run, wanted, new Set(['run.accepted'])).slice(0, 1),
  );
  const findings: Finding[] = [];
  const taken = new Set<Entry>();
  for (const [repeat, same] of [
    ['duplicate delivery', rpcOf],
    ['probably a retry', paramsOf],
  ] as const) {
    for (const group of groups(accepted, same)) {
      if (group.every((entry) => taken.has(entry))) continue;
      for (const entry of group) taken.add(entry);
      const what = repeat === 'duplicate delivery' ? 'for one message' : 'with the same params';
      const message = `${first?.name ?? ''} was accepted ${group.length} times ${what}: ${repeat}`;
      findings.push({ ...findingOf(suspect, message, group), repeat });
    }
  }
  // A front's span may ask for one thing several times; an attempt asks once, if for several things.
  const isAttempt = !suspect.request.roots.some((root) => root === first);
  if (findings.length > 0 || !isAttempt) return findings;
  return [...groups(accepted, targetOf)].map((group) => {
    const message = `${group[0]?.action ?? ''} was accepted ${group.length} times for one attempt`;
    return { ...findingOf(suspect, message, group), repeat: 'unknown' };
  });
}

function findingOf(suspect: Suspect, message: string, entries: readonly Entry[]): Finding {
  const { name, recovery, because, request, spans } = suspect;
  return {
    name,
    message,
    recovery,
    because,
    records: entries.slice(0, proofMax).map(referenceOf),
    correlationId: request.correlationId,
    entrySpanId: request.entrySpanId,
    ...(spans[0] === undefined ? {} : { spanId: spans[0].spanId }),
  };
}

function proofOf(
  span: Span,
  wanted: ReadonlyMap<string, readonly Entry[]>,
  events: ReadonlySet<string> | undefined,
): readonly Entry[] {
  const all = wanted.get(keyOf(span)) ?? [];
  const proof = events === undefined ? all : all.filter((entry) => events.has(entry.event));
  return proof.length > 0 ? proof : all;
}

function groups(
  entries: readonly Entry[],
  same: (entry: Entry) => string | undefined,
): readonly (readonly Entry[])[] {
  const by = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = same(entry);
    if (key === undefined) continue;
    const group = by.get(key);
    if (group === undefined) by.set(key, [entry]);
    else group.push(entry);
  }
  return [...by.values()].filter((group) => group.length > 1);
}

/** The message, as its receiver names it: the connection's name is good within one process. */
function rpcOf(entry: Entry): string | undefined {
  const rpc = entry.payload['rpc'];
  if (typeof rpc !== 'object' || rpc === null) return undefined;
  const { connection, id, part } = rpc as JsonObject;
  if (id === undefined) return undefined;
  return JSON.stringify([entry.writerId, connection, id, part ?? 1]);
}

function paramsOf(entry: Entry): string | undefined {
  const hash = entry.payload['params_hash'];
  return typeof hash === 'string' ? `${targetOf(entry)}\n${hash}` : undefined;
}

/** A batch asks for several actions in several projects. */
function targetOf({ action, record }: Entry): string {
  return JSON.stringify([action, record['project_path']]);
}

function keyOf(span: Span): string {
  return spanKey(span.correlationId, span.spanId);
}
