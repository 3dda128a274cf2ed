/**
 * JSON as Python reads it and writes it again: `json.dumps(json.loads(text), sort_keys=True)`, of a text and not of a
 * value, because JavaScript's parser loses what counts here: `1` is not `1.0`, large integers keep their digits, and
 * `NaN` and `Infinity` are values. What Python would refuse is `undefined`. Never throws.
 */
import { pythonString, sortKeys, type PythonJsonLimits } from './python-json.js';

/** An object's members, each written as Python writes it; of a key that stands there twice the last one. */
export type PythonMembers = ReadonlyMap<string, string>;

/** Python's own limit on the digits of an integer it reads. */
const integerDigitsMax = 4300;

/** What Python would write for this text. */
export function pythonText(text: string, limits: PythonJsonLimits): string | undefined {
  return attempt(text, limits, (reader) => reader.value(0));
}

/** The members of the object that this text is; `undefined` for anything else. */
export function pythonMembers(text: string, limits: PythonJsonLimits): PythonMembers | undefined {
  return attempt(text, limits, (reader) => reader.members(0));
}

/** The object with these members. */
export function pythonObject(members: PythonMembers): string {
  const keys = sortKeys([...members.keys()]);
  return `{${keys.map((key) => `${pythonString(key)}: ${members.get(key) ?? ''}`).join(', ')}}`;
}

/** The text is not what Python reads, or more than we do. */
class Refusal extends Error {}

function attempt<Result>(
  text: string,
  limits: PythonJsonLimits,
  read: (reader: Reader) => Result,
): Result | undefined {
  if (text.length > limits.charsMax) return undefined;
  try {
    const reader = new Reader(text, limits.depthMax);
    const result = read(reader);
    reader.end();
    return result;
  } catch (error) {
    if (error instanceof Refusal || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const quote = 0x22;
const backslash = 0x5c;
const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const word = /true|false|null|NaN|-?Infinity/y;

class Reader {
  readonly #text: string;
  readonly #depthMax: number;
  #at = 0;

  constructor(text: string, depthMax: number) {
    this.#text = text;
    this.#depthMax = depthMax;
  }

  value(depth: number): string {
    if (depth > this.#depthMax) throw new Refusal();
    this.#take(space);
    switch (this.#text[this.#at]) {
      case '{':
        return pythonObject(this.members(depth));
      case '[':
        return this.#array(depth);
      case '"':
        return pythonString(this.#string());
      default:
        return this.#take(word) ?? this.#number();
    }
  }

  members(depth: number): PythonMembers {
    const members = new Map<string, string>();
    this.#expect('{');
    if (this.#takes('}')) return members;
    do {
      this.#take(space);
      const key = this.#string();
      this.#expect(':');
      members.set(key, this.value(depth + 1));
    } while (this.#takes(','));
    this.#expect('}');
    return members;
  }

  end(): void {
    this.#take(space);
    if (this.#at !== this.#text.length) throw new Refusal();
  }

  #array(depth: number): string {
    this.#expect('[');
    if (this.#takes(']')) return '[]';
    const values: string[] = [];
    do values.push(this.value(depth + 1));
    while (this.#takes(','));
    this.#expect(']');
    return `[${values.join(', ')}]`;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at;
    if (text[start] !== '"') throw new Refusal();
    let isPlain = true;
    let at = start + 1;
    for (let code = text.charCodeAt(at); code !== quote; code = text.charCodeAt(at)) {
      if (at >= text.length) throw new Refusal();
      if (code === backslash || code < 0x20) isPlain = false;
      at += code === backslash ? 2 : 1;
    }
    this.#at = at + 1;
    if (isPlain) return text.slice(start + 1, at);
    // Both languages join the halves of a surrogate pair, leave a lone one alone and refuse control characters.
    return JSON.parse(text.slice(start, this.#at)) as string;
  }

  #number(): string {
    number.lastIndex = this.#at;
    const match = number.exec(this.#text);
    if (match === null) throw new Refusal();
    const [text, fraction, exponent] = match;
    this.#at += text.length;
    if (fraction !== undefined || exponent !== undefined) return pythonFloat(Number(text));
    if (text.length - (text.startsWith('-') ? 1 : 0) > integerDigitsMax) throw new Refusal();
    // An int has no negative zero.
    return text === '-0' ? '0' : text;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0];
    this.#at += text?.length ?? 0;
    return text;
  }

  #takes(character: string): boolean {
    this.#take(space);
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#takes(character)) throw new Refusal();
  }
}

/** `repr` of a float: always with a point or an exponent. */
function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Object.is(value, -0)) return '-0.0';
  // Both languages print the shortest digits that round-trip; they differ in when and how they write an exponent.
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (value !== 0 && (power < -4 || power >= 16)) {
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}
