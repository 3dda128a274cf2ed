/**
 * What streams of ours know of FineCode's runs: the requests that `record finecode` saw on the wire, target by target, and
 * which runs a hook in FineCode recorded itself. Reads streams; opens nothing else.
 */
import {
  correlationIdOf,
  parseCorrelationId,
  parseSpanId,
  parseTraceId,
  type CorrelationId,
  type SpanId,
} from '../../../context/index.js';
import { isObject, text, type JsonObject } from '../../entry/entry.js';
import type { SourceItem, StreamSource } from '../source.js';
import { parseTimestamp } from '../../entry/timestamp.js';
import { tokenOf } from './tokens.js';

/** One action in one project, or in whichever the WM picks, that a frontend asked for. */
export interface Target {
  readonly request: WireRequest;
  /** Of the record that stands for it: what FineCode made of it goes below. */
  readonly spanId: SpanId;
  /** Short, as FineCode's WAL has it. */
  readonly action: string;
  readonly project: string | undefined;
  readonly hash: string | undefined;
}

/** A request as it passed the proxy. */
export interface WireRequest {
  readonly correlationId: CorrelationId;
  readonly spanId: SpanId;
  readonly trigger: string;
  readonly devEnv: string;
  readonly tokens: readonly string[];
  /** FineCode's WM writes nothing of a run whose results are streamed. */
  readonly isStreamed: boolean;
  readonly isBatch: boolean;
  readonly targets: Target[];
  /** Projects that the answer names; empty where it says nothing. */
  readonly answered: Set<string>;
  startUs: number;
  /** Infinity: no answer is recorded. */
  endUs: number;
  outcome: 'completed' | 'failed' | undefined;
}

export interface NativeFacts {
  readonly requests: readonly WireRequest[];
  readonly tokens: ReadonlySet<string>;
  /** Runs that a hook recorded in streams of ours. */
  readonly hooked: ReadonlyMap<string, HookedRun>;
}

export interface HookedRun {
  isWm: boolean;
  isEr: boolean;
  /** The WM's span of it: where an ER without the hook hangs. */
  span: { readonly correlationId: CorrelationId; readonly spanId: SpanId } | undefined;
}

const recorderRole = 'finecode';
const hookRoles: ReadonlySet<string> = new Set(['wm', 'er']);
/** Ours are ULIDs, without a dash. */
const fineCodeRun = /"wal_run_id":"([0-9a-f]{8}-[0-9a-f-]{27})"/;

/** Reads the recorders' streams, and of the hooks' the ids of their runs. */
export async function nativeFacts(streams: readonly StreamSource[]): Promise<NativeFacts> {
  const byspan = new Map<string, WireRequest>();
  const hooked = new Map<string, HookedRun>();
  for (const stream of streams) {
    const { role } = stream;
    if (role !== recorderRole && !hookRoles.has(role)) continue;
    for await (const items of stream.scan()) {
      for (const item of items) {
        if (item.kind === 'fault') continue;
        if (role === recorderRole) takeWire(byspan, item);
        else takeHooked(hooked, role === 'wm' ? 'wm' : 'er', item.text);
      }
    }
  }
  const requests = [...byspan.values()].toSorted((a, b) => a.startUs - b.startUs);
  return { requests, tokens: new Set(requests.flatMap(({ tokens }) => tokens)), hooked };
}

function takeHooked(hooked: Map<string, HookedRun>, role: 'wm' | 'er', line: string): void {
  const runId = fineCodeRun.exec(line)?.[1];
  if (runId === undefined) return;
  const run = hooked.get(runId) ?? { isWm: false, isEr: false, span: undefined };
  hooked.set(runId, run);
  if (role === 'er') run.isEr = true;
  else run.isWm = true;
  if (role === 'er' || run.span !== undefined || !line.includes('"run.accepted"')) return;
  const record = parse(line);
  const correlationId = idOf(record['correlation_id']);
  const spanId = parseSpanId(record['span_id']);
  if (correlationId !== undefined && spanId !== undefined) run.span = { correlationId, spanId };
}

function takeWire(
  requests: Map<string, WireRequest>,
  { text: line }: Extract<SourceItem, { kind: 'line' }>,
): void {
  const record = parse(line);
  const event = record['event_type'];
  const spanId = parseSpanId(record['span_id']);
  const id = idOf(record['correlation_id']);
  const us = parseTimestamp(record['ts']);
  if (spanId === undefined || id === undefined || us === undefined) return;
  const payload = isObject(record['payload']) ? record['payload'] : {};
  if (event === 'run.accepted') {
    requests.set(`${id} ${spanId}`, requestOf({ id, spanId, us, record, payload }));
  } else if (event === 'run.dispatched') {
    const parent = requests.get(`${id} ${parseSpanId(record['parent_span_id']) ?? ''}`);
    if (parent !== undefined)
      parent.targets.push(...targetsOf(parent, { spanId, record, payload }));
  } else {
    const request = requests.get(`${id} ${spanId}`);
    if (request !== undefined) takeEnd(request, { event, us, payload });
  }
}

function idOf(value: unknown): CorrelationId | undefined {
  const traceId = parseTraceId(value);
  return traceId === undefined ? parseCorrelationId(value) : correlationIdOf(traceId);
}

interface Taken {
  readonly id: CorrelationId;
  readonly spanId: SpanId;
  readonly us: number;
  readonly record: JsonObject;
  readonly payload: JsonObject;
}

function requestOf({ id, spanId, us, record, payload }: Taken): WireRequest {
  const partial = tokenOf(payload['partial_result_token']);
  const tokens = [partial, tokenOf(payload['progress_token'])];
  return {
    correlationId: id,
    spanId,
    trigger: text(record['trigger']) ?? text(payload['trigger']) ?? '',
    devEnv: text(record['dev_env']) ?? text(payload['dev_env']) ?? '',
    tokens: tokens.filter((token) => token !== undefined),
    isStreamed: partial !== undefined,
    isBatch: payload['method'] === 'actions/runBatch',
    targets: [],
    answered: new Set(),
    startUs: us,
    endUs: Infinity,
    outcome: undefined,
  };
}

/** One message goes to one WM: several targets have one span. */
function targetsOf(
  request: WireRequest,
  { spanId, record, payload }: Pick<Taken, 'spanId' | 'record' | 'payload'>,
): readonly Target[] {
  const listed = payload['asked_for'];
  const all: readonly unknown[] = Array.isArray(listed) ? listed : [payload];
  return all.filter(isObject).map((target) => ({
    request,
    spanId,
    action: shortName(text(target['action']) ?? text(record['action_name']) ?? ''),
    project: text(target['project']),
    hash: text(target['params_hash'])?.slice(0, 16),
  }));
}

function takeEnd(
  request: WireRequest,
  { event, us, payload }: { event: unknown; us: number; payload: JsonObject },
): void {
  if (event !== 'run.completed' && event !== 'run.failed' && event !== 'run.cancelled') return;
  // FineCode may run on after its client went; it begins nothing any more.
  request.endUs = us;
  if (payload['outcome'] === 'complete') request.outcome = 'completed';
  else if (payload['outcome'] === 'rpc_error') request.outcome = 'failed';
  const { results } = payload;
  for (const result of Array.isArray(results) ? (results as readonly unknown[]) : []) {
    const project = isObject(result) ? text(result['project']) : undefined;
    if (project !== undefined) request.answered.add(project);
  }
}

/** `inspect_code` for `fine_inspect_code.InspectCodeAction`: FineCode's convention, which its WAL follows. */
export function shortName(source: string): string {
  const last = source.slice(source.lastIndexOf('.') + 1);
  if (!/[A-Z]/.test(last)) return last;
  return last
    .replace(/Action$/, '')
    .replaceAll(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3_$2$4')
    .toLowerCase();
}

function parse(line: string): JsonObject {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
