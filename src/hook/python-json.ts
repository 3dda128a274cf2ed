/**
 * The text Python's `json.dumps(value, sort_keys=True, default=str)` gives: separators `", "` and `": "`, ASCII only,
 * keys by code point, floats by `repr`. JavaScript cannot tell `1` from `1.0`, so whole numbers below 1e21 are written
 * as Python writes an int; integers beyond 2^53 were already rounded when they were parsed.
 */

export interface PythonJsonLimits {
  readonly depthMax: number;
  readonly charsMax: number;
}

/** The text, or `undefined` when the value is deeper or longer than the limits, or has a cycle. */
export function pythonJson(value: unknown, limits: PythonJsonLimits): string | undefined {
  const writer = new Writer(limits);
  return writer.write(toJsonValue(value, ''), 0) ? writer.text() : undefined;
}

class Writer {
  readonly #limits: PythonJsonLimits;
  readonly #parts: string[] = [];
  #chars = 0;

  constructor(limits: PythonJsonLimits) {
    this.#limits = limits;
  }

  text(): string {
    return this.#parts.join('');
  }

  /** False as soon as a limit is reached. */
  write(value: unknown, depth: number): boolean {
    if (depth > this.#limits.depthMax) return false;
    switch (typeof value) {
      case 'string':
        // Checked before escaping so that a hostile megabyte is not copied first.
        return value.length <= this.#limits.charsMax && this.#put(pythonString(value));
      case 'number':
        return this.#put(pythonNumber(value));
      case 'bigint':
        return this.#put(value.toString());
      case 'boolean':
        return this.#put(value ? 'true' : 'false');
      case 'object':
        if (value === null) return this.#put('null');
        return Array.isArray(value) ? this.#array(value, depth) : this.#object(value, depth);
      default:
        // What JSON cannot say is null in an array; members of that kind were left out before.
        return this.#put('null');
    }
  }

  #array(values: readonly unknown[], depth: number): boolean {
    if (!this.#put('[')) return false;
    for (const [index, value] of values.entries()) {
      if (index > 0 && !this.#put(', ')) return false;
      if (!this.write(toJsonValue(value, String(index)), depth + 1)) return false;
    }
    return this.#put(']');
  }

  #object(value: object, depth: number): boolean {
    if (!this.#put('{')) return false;
    let isFirst = true;
    for (const key of sortKeys(Object.keys(value))) {
      const member = toJsonValue((value as Readonly<Record<string, unknown>>)[key], key);
      if (member === undefined || typeof member === 'function' || typeof member === 'symbol') {
        continue;
      }
      if (!this.#put(`${isFirst ? '' : ', '}${pythonString(key)}: `)) return false;
      if (!this.write(member, depth + 1)) return false;
      isFirst = false;
    }
    return this.#put('}');
  }

  #put(text: string): boolean {
    this.#chars += text.length;
    this.#parts.push(text);
    return this.#chars <= this.#limits.charsMax;
  }
}

function toJsonValue(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const toJSON = (value as { toJSON?: unknown }).toJSON;
  return typeof toJSON === 'function' ? toJSON.call(value, key) : value;
}

/** By code point, as Python compares strings; in place. */
export function sortKeys(keys: string[]): string[] {
  keys.sort();
  // The default order is by UTF-16 unit, which differs from Python's only where a surrogate is involved.
  return keys.some((key) => /[\ud800-\udfff]/.test(key)) ? keys.sort(byCodePoint) : keys;
}

function byCodePoint(left: string, right: string): number {
  const a = Array.from(left);
  const b = Array.from(right);
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const difference = (a[index]?.codePointAt(0) ?? 0) - (b[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** A string, in ASCII. */
export function pythonString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function pythonNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  // Only a text such as `-0.0` parses to it; Python's ints have no negative zero.
  if (Object.is(value, -0)) return '-0.0';
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  // Both languages print the shortest digits that round-trip; they differ in when and how they write an exponent.
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 16) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
