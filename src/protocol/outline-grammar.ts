/**
 * The grammar of JSON between strings as a table: from a state and a byte to the next state. A table costs one load a
 * byte whatever stands there; branches on digits are mispredicted three times as often as they help.
 */

/** What a byte may ask for besides a next state. */
export const step = {
  error: 0,
  string: 201,
  key: 202,
  openObject: 203,
  openArray: 204,
  close: 205,
} as const;
/** From here on it is one of the above, and no state. */
export const firstStep = 200;

const blanks = ' \n\r\t';
const digits = '0123456789';
/** From, by which characters, to. */
const numberStates: readonly (readonly [string, string, string])[] = [
  ['minus', '0', 'zero'],
  ['minus', '123456789', 'integer'],
  ['zero', '.', 'point'],
  ['zero', 'eE', 'e'],
  ['integer', digits, 'integer'],
  ['integer', '.', 'point'],
  ['integer', 'eE', 'e'],
  ['point', digits, 'fraction'],
  ['fraction', digits, 'fraction'],
  ['fraction', 'eE', 'e'],
  ['e', '+-', 'sign'],
  ['e', digits, 'exponent'],
  ['sign', digits, 'exponent'],
  ['exponent', digits, 'exponent'],
];
/** A value may end here. */
const ends = ['after', 'zero', 'integer', 'fraction', 'exponent'] as const;
const words = ['true', 'false', 'null'] as const;

const numbers = new Map<string, number>();
const rows: Uint8Array[] = [new Uint8Array(256)];

/** States are made as they are named; 0 is the error. */
function state(name: string): number {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  numbers.set(name, rows.length);
  rows.push(new Uint8Array(256));
  return rows.length - 1;
}

function on(from: string, characters: string, to: number): void {
  const row = rows[state(from)];
  for (const character of characters)
    row?.fill(to, character.charCodeAt(0), character.charCodeAt(0) + 1);
}

/** The same value in an object and in an array is followed by something else. */
for (const [kind, closer, next] of [
  ['object', '}', 'key'],
  ['array', ']', 'array value'],
] as const) {
  const inside = (name: string): string => `${kind} ${name}`;
  // Only an array's first value may be missing.
  for (const value of kind === 'array' ? ['array value', 'array first'] : ['object value']) {
    on(value, blanks, state(value));
    on(value, '"', step.string);
    on(value, '{', step.openObject);
    on(value, '[', step.openArray);
    on(value, '-', state(inside('minus')));
    on(value, '0', state(inside('zero')));
    on(value, '123456789', state(inside('integer')));
    for (const word of words) on(value, word.charAt(0), state(inside(word.slice(0, 1))));
  }
  for (const [from, characters, to] of numberStates) {
    on(inside(from), characters, state(inside(to)));
  }
  for (const word of words) {
    for (let length = 1; length < word.length; length += 1) {
      const read = length + 1 === word.length ? 'after' : word.slice(0, length + 1);
      on(inside(word.slice(0, length)), word.charAt(length), state(inside(read)));
    }
  }
  for (const end of ends) {
    on(inside(end), blanks, state(inside('after')));
    on(inside(end), ',', state(next));
    on(inside(end), closer, step.close);
  }
}
on('array first', ']', step.close);
for (const key of ['key', 'first key']) {
  on(key, blanks, state(key));
  on(key, '"', step.key);
}
on('first key', '}', step.close);
on('colon', blanks, state('colon'));
on('colon', ':', state('object value'));

/** The next state or step at `state * 256 + byte`. */
export const grammar: Uint8Array = new Uint8Array(rows.length * 256);
for (const [number, row] of rows.entries()) grammar.set(row, number * 256);

/** The states a walk sets by itself. */
export const firstKey: number = state('first key');
export const firstValue: number = state('array first');
export const colonState: number = state('colon');
export const afterInObject: number = state('object after');
export const afterInArray: number = state('array after');
