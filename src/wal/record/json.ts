/** JSON as a record has it: printable ASCII, one line, and a refusal where JSON.stringify would leave something out. */
import { ThroughlineError } from '../../context/index.js';
import type { JsonObject } from '../types.js';

/** Nothing to escape. */
export const plainPattern: RegExp = /^[0-9A-Za-z._/:@ -]*$/;
const unprintable = /[^\x20-\x7e]/g;
const depthMax = 32;
const plainDepthMax = 4;

/** An object, or, as `links`, an array. Throws `RECORD_INVALID`. */
export function encodeJson(value: object, name: string): string {
  return plainJson(value, plainDepthMax) ?? stringify(value, name);
}

/**
 * What stands before a member's value, by where it stands: first, after a value, or after a text, whose closing quote is
 * in it then. The next one along is for a text, and has its opening quote: each piece less is a string less to make.
 */
type Before = readonly string[];
const first = 0;
const afterValue = 2;
const afterText = 4;

/** Programs use few names. */
const names = new Map<string, Before>();
const namesMax = 1024;

function before(name: string): Before | undefined {
  const known = names.get(name);
  if (known !== undefined) return known;
  if (!plainPattern.test(name)) return undefined;
  const made = ['{', ',', '",'].flatMap((separator) => [
    joined(`${separator}"${name}":`),
    joined(`${separator}"${name}":"`),
  ]);
  if (names.size < namesMax) names.set(name, made);
  return made;
}

/**
 * The text of a small object with nothing to escape and nothing to refuse, as nearly all are: looking at every value is
 * half of writing it. `undefined` for anything else, arrays included: that goes the long way.
 */
function plainJson(value: object, depthLeft: number): string | undefined {
  if (depthLeft === 0 || Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  let text = '';
  let at = first;
  for (const key in value) {
    // Not `Object.hasOwn`: only of this one the compiler knows that it holds for every key of such a loop.
    if (!Object.prototype.hasOwnProperty.call(value, key)) return undefined;
    const member = (value as JsonObject)[key];
    if (member === undefined) continue;
    const starts = before(key);
    if (starts === undefined) return undefined;
    if (typeof member === 'string') {
      if (!plainPattern.test(member)) return undefined;
      text = text + starts[at + 1] + member;
      at = afterText;
      continue;
    }
    if (typeof member === 'number') {
      if (!Number.isFinite(member)) return undefined;
      text = text + starts[at] + member;
    } else {
      const json = plainRest(member, depthLeft - 1);
      if (json === undefined) return undefined;
      text = text + starts[at] + json;
    }
    at = afterValue;
  }
  if (at === first) return '{}';
  return text + (at === afterText ? '"}' : '}');
}

function plainRest(value: unknown, depthLeft: number): string | undefined {
  if (value === null) return 'null';
  if (typeof value === 'object') return plainJson(value, depthLeft);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return undefined;
}

function stringify(value: object, name: string): string {
  checkJson(value, name, 0);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new ThroughlineError('RECORD_INVALID', `${name} cannot be written as JSON`, { cause });
  }
  if (text === undefined || !text.startsWith(name === 'links' ? '[' : '{')) {
    throw new ThroughlineError(
      'RECORD_INVALID',
      `${name} is not ${name === 'links' ? 'an array' : 'an object'}`,
    );
  }
  return toAscii(text);
}

/** JSON.stringify turns NaN into null and leaves out functions without a word; a journal must not. */
function checkJson(value: unknown, name: string, depth: number): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return;
    case 'number':
      if (Number.isFinite(value)) return;
      break;
    case 'object':
      if (value === null) return;
      if (depth === depthMax) break;
      // Not `Object.values`: it would copy every payload.
      for (const key in value) checkJson((value as JsonObject)[key], name, depth + 1);
      return;
    default:
  }
  throw new ThroughlineError(
    'RECORD_INVALID',
    `${name} holds what JSON cannot: ${depth === depthMax ? 'more than 32 levels' : String(value)}`,
  );
}

function toAscii(json: string): string {
  unprintable.lastIndex = 0;
  if (!unprintable.test(json)) return json;
  return json.replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Throws `RECORD_INVALID`. */
export function quote(value: unknown, name: string): string {
  if (typeof value !== 'string') {
    throw new ThroughlineError('RECORD_INVALID', `${name} is not a string`);
  }
  return toAscii(JSON.stringify(value));
}

/** One string of the parts it is joined from: for one that is joined with others again and again. */
export function joined(text: string): string {
  // Looking at a character does it.
  text.charCodeAt(0);
  return text;
}
