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
const longMemberChars = 128;

/** Level 2 of the specification: `@` is a character like any other, where level 1 had a tenant and a system part. */
const keyPattern = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/;
/** It must not end in a blank, either; saying so in the pattern costs as much as all the rest of reading a carrier. */
const valuePattern = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{1,256}$/;

/**
 * Reads a `tracestate`. One invalid member, a repeated key or a 33rd member makes the whole value invalid, as the
 * specification asks; the caller then has a context without one. Never throws.
 */
export function parseTracestate(value: unknown): readonly TracestateMember[] | undefined {
  if (typeof value !== 'string' || value.length > tracestateCharsMax) return undefined;
  // Most have one member; its rules are the same.
  if (!value.includes(',')) {
    const text = trimBlanks(value);
    if (text === '') return [];
    const member = readMember(text);
    return member === undefined ? undefined : [member];
  }
  const members: TracestateMember[] = [];
  const keys = new Set<string>();
  for (const part of value.split(',')) {
    const text = trimBlanks(part);
    // Empty members are allowed and mean nothing.
    if (text === '') continue;
    const member = readMember(text);
    if (member === undefined) return undefined;
    if (keys.has(member.key) || members.length === tracestateMembersMax) return undefined;
    keys.add(member.key);
    members.push(member);
  }
  return members;
}

function readMember(text: string): TracestateMember | undefined {
  const equals = text.indexOf('=');
  const member = { key: text.slice(0, Math.max(equals, 0)), value: text.slice(equals + 1) };
  const isValid =
    keyPattern.test(member.key) && valuePattern.test(member.value) && !member.value.endsWith(' ');
  return isValid ? member : undefined;
}

/**
 * Writes a `tracestate` that the next hop can read: at most 32 members and 8192 characters. What is too much is left
 * out as the specification says: whole members, those over 128 characters first, from the end (the oldest).
 */
export function formatTracestate(members: readonly TracestateMember[]): string {
  const texts = members
    .slice(0, tracestateMembersMax)
    .map((member) => `${member.key}=${member.value}`);
  let chars = texts.reduce((sum, text) => sum + text.length + 1, -1);
  for (const charsMin of [longMemberChars + 1, 0]) {
    for (let index = texts.length - 1; index >= 0 && chars > tracestateCharsMax; index -= 1) {
      const { length } = texts[index] ?? '';
      if (length < charsMin) continue;
      chars -= length + 1;
      texts.splice(index, 1);
    }
  }
  return texts.join(',');
}

/** By hand, because the pattern for it takes quadratic time on a value full of blanks. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
