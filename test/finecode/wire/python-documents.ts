/** JSON texts as Python writes and reads them, and some it refuses: the same for the same seed. */

export function documents(count: number, seed: number): readonly string[] {
  const random = mulberry(seed);
  return Array.from({ length: count }, () => {
    const whole = value(random, 0);
    // One in twenty is damaged: what Python refuses must not get a hash.
    return random() < 0.05 ? damage(whole, random) : whole;
  });
}

type Random = () => number;

function mulberry(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

const numbers = [
  '0',
  '-0',
  '1',
  '1.0',
  '-0.0',
  '0.0',
  '1e16',
  '1E16',
  '9999999999999998.0',
  '1e-5',
  '0.0001',
  '0.00001234',
  '1.5e300',
  '1e400',
  '-1e400',
  '5e-324',
  '2.2250738585072014e-308',
  '123456789012345678901234567890',
  '-9007199254740993',
  '9007199254740993.0',
  '1e+2',
  '100e-2',
  '12345678901234567.0',
  'NaN',
  'Infinity',
  '-Infinity',
];
const texts = [
  'plain',
  '',
  'é',
  '😀',
  '\\ud83d',
  '\\ude00',
  '\\ud83d\\ude00',
  '\\ude00\\ud83d',
  '\\u0041\\n\\t\\"\\\\\\/\\b',
  '\u007f',
  '\uffee',
  '\\uFFEE',
  '\u2028',
  '\\u0000',
  'file:///home/dev/a.py',
  'constructor',
  '__proto__',
];
const keys = [...texts, 'a', 'b', 'a', 'b', '10', '9', '\u{10ffff}', '\ue000', 'z'];
const spaces = ['', '', '', ' ', '\n', '\t', '\r\n  '];

function value(random: Random, depth: number): string {
  const kind = random();
  const space = pick(random, spaces);
  if (depth < 4 && (depth === 0 || kind < 0.25)) return `${space}${object(random, depth)}${space}`;
  if (depth < 4 && kind < 0.35) {
    const items = Array.from({ length: Math.floor(random() * 4) }, () => value(random, depth + 1));
    return `[${space}${items.join(',')}${space}]`;
  }
  if (kind < 0.6) return `"${text(random, texts)}"`;
  if (kind < 0.7) return pick(random, ['true', 'false', 'null']);
  if (kind < 0.85) return pick(random, numbers);
  return randomNumber(random);
}

function object(random: Random, depth: number): string {
  const members = Array.from({ length: Math.floor(random() * 5) }, () => {
    const space = pick(random, spaces);
    return `${space}"${text(random, keys)}"${space}:${space}${value(random, depth + 1)}`;
  });
  return members.length === 0 ? '{ }' : `{${members.join(',')}}`;
}

function text(random: Random, from: readonly string[]): string {
  return random() < 0.7 ? pick(random, from) : pick(random, from) + pick(random, from);
}

/** Any double there is, as JavaScript or a person may spell it. */
function randomNumber(random: Random): string {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setUint32(0, random() * 4_294_967_296);
  bits.setUint32(4, random() * 4_294_967_296);
  const double = bits.getFloat64(0);
  if (!Number.isFinite(double)) return '1.25';
  switch (Math.floor(random() * 4)) {
    case 0:
      return String(double).replace('e+', 'E');
    case 1:
      return (random() * 1e6).toFixed(3);
    case 2:
      return double.toExponential(Math.floor(random() * 20));
    default:
      return String(Math.floor(random() * 1e15)) + '0'.repeat(Math.floor(random() * 12));
  }
}

function damage(whole: string, random: Random): string {
  // By characters: half of one is no UTF-8.
  const characters = Array.from(whole);
  const at = Math.floor(random() * characters.length);
  const insert = pick(random, ['', ',', '"', '}', '0', '-', '\\', '\u0001', 'nan', '+1', '\ufeff']);
  return characters.toSpliced(at, 1, insert).join('');
}
