/** Compares what was sent with what arrived, call by call. Pure; presence of an id is never enough. */
import type { TraceId } from '../context/index.js';
import type { Finding } from './types.js';

/** A call as it was made. */
export interface Made {
  readonly marker: string;
  /** `undefined`: the call carried no id and must get a root of its own. */
  readonly expected: TraceId | undefined;
}

/** A message at the workspace manager that named the call's marker. */
export interface Arrived {
  readonly marker: string;
  readonly actual: TraceId | undefined;
  readonly method: string;
}

/** Everything that is wrong, in the order of the calls. */
export function compare(
  made: readonly Made[],
  arrived: readonly Arrived[],
  environment: TraceId | undefined,
): readonly Finding[] {
  const owners = new Map<TraceId, string>();
  for (const { marker, expected } of made) {
    if (expected !== undefined) owners.set(expected, marker);
  }
  const byMarker = new Map<string, Arrived[]>();
  for (const message of arrived) {
    byMarker.set(message.marker, [...(byMarker.get(message.marker) ?? []), message]);
  }
  /** Roots that the front made, and the call it made each for. */
  const roots = new Map<TraceId, string>();
  return made.flatMap((call): readonly Finding[] => {
    const messages = byMarker.get(call.marker) ?? [];
    if (messages.length === 0) return [{ kind: 'unheard', ...of(call) }];
    return messages.flatMap((message) => {
      const finding = judge(call, message, { owners, roots, environment });
      return finding === undefined ? [] : [{ ...finding, method: message.method }];
    });
  });
}

interface Known {
  readonly owners: ReadonlyMap<TraceId, string>;
  readonly roots: Map<TraceId, string>;
  readonly environment: TraceId | undefined;
}

function judge(call: Made, { actual }: Arrived, known: Known): Finding | undefined {
  if (actual === undefined) return { kind: 'lost', ...of(call) };
  if (actual === call.expected) return undefined;
  if (actual === known.environment) return { kind: 'environment', ...of(call), actual };
  const owner = known.owners.get(actual);
  if (owner !== undefined) return { kind: 'foreign', ...of(call), actual, owner };
  if (call.expected !== undefined) return { kind: 'wrong', ...of(call), actual };
  const first = known.roots.get(actual) ?? call.marker;
  known.roots.set(actual, first);
  return first === call.marker ? undefined : { kind: 'shared', ...of(call), actual, owner: first };
}

function of(call: Made): { readonly marker: string; readonly expected?: TraceId } {
  const { marker, expected } = call;
  return expected === undefined ? { marker } : { marker, expected };
}
