/**
 * W3C Trace Context `tracestate` (https://www.w3.org/TR/trace-context-2/#tracestate-header). Two members are ours,
 * `tl` and `tl-links`; every other vendor's member passes through untouched and in order.
 */

/** One `key=value` member; both parts are valid by the specification's grammar. */
export interface TracestateMember {
  readonly key: string;
  readonly value: string;
}

export const tracestateMembersMax = 32;
/** 32 members of the largest size allowed would be 16 KiB; nobody sends that, and we do not look at more than this. */
export const tracestateCharsMax = 8192;

const keyPattern =
  /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;
const valuePattern = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * Reads a `tracestate`. One invalid member, a repeated key or a 33rd member makes the whole value invalid, as the
 * specification asks; the caller then has a context without one. Never throws.
 */
export function parseTracestate(value: unknown): readonly TracestateMember[] | undefined {
  if (typeof value !== 'string' || value.length > tracestateCharsMax) return undefined;
  const members: TracestateMember[] = [];
  const keys = new Set<string>();
  for (const part of value.split(',')) {
    const text = part.replace(/^[ \t]+|[ \t]+$/g, '');
    // Empty members are allowed and mean nothing.
    if (text === '') continue;
    const equals = text.indexOf('=');
    const member = { key: text.slice(0, Math.max(equals, 0)), value: text.slice(equals + 1) };
    if (!keyPattern.test(member.key) || !valuePattern.test(member.value)) return undefined;
    if (keys.has(member.key) || members.length === tracestateMembersMax) return undefined;
    keys.add(member.key);
    members.push(member);
  }
  return members;
}

/** Writes a `tracestate` of at most 32 members; when there are more, the last ones (the oldest) are left out. */
export function formatTracestate(members: readonly TracestateMember[]): string {
  return members
    .slice(0, tracestateMembersMax)
    .map((member) => `${member.key}=${member.value}`)
    .join(',');
}
