/** The params hash is the one FineCode computes: the same SHA-256 that the machine's Python finds for the same text. */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { membersHash, membersOf } from '../../../src/hook/params-hash.js';
import { pythonText } from '../../../src/hook/python-text.js';
import { documents } from './python-documents.js';

const hasPython = spawnSync('python3', ['-c', 'import json']).status === 0;
if (!hasPython) console.log('skipped: python3 is not here, so no params hash was compared with it');

const limits = { depthMax: 500, charsMax: 16 * 1024 * 1024 };
/** Separates documents: no JSON text has one in it. */
const separator = '\u001e';
const script = `
import hashlib, json, sys
for text in sys.stdin.buffer.read().split(b'\\x1e'):
    try:
        dumped = json.dumps(json.loads(text.decode('utf-8')), sort_keys=True, default=str)
        print(hashlib.sha256(dumped.encode('utf-8')).hexdigest())
    except ValueError:
        print('refused')
`;

function fromPython(texts: readonly string[]): readonly string[] {
  const ran = spawnSync('python3', ['-c', script], {
    input: texts.join(separator),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(ran.stderr).toBe('');
  return ran.stdout.trimEnd().split('\n');
}

function of(text: string) {
  return membersOf(text) ?? new Map<string, string>();
}

function ours(text: string): string {
  const dumped = pythonText(text, limits);
  return dumped === undefined
    ? 'refused'
    : createHash('sha256').update(dumped, 'latin1').digest('hex');
}

describe.runIf(hasPython)('against python3', () => {
  it('20,000 generated documents have the same hash, and what it refuses has none', () => {
    const texts = documents(20_000, 20_261_122);
    const expected = fromPython(texts);
    expect(expected).toHaveLength(20_000);
    expect(new Set(expected).size).toBeGreaterThan(10_000);
    const refused = expected.filter((hash) => hash === 'refused').length;
    expect(refused).toBeGreaterThan(300);
    const differing = texts.filter((text, index) => ours(text) !== expected[index]);
    expect(differing.slice(0, 3)).toEqual([]);
  });

  it('so has every number on its own, also where a float becomes an exponent', () => {
    const texts = Array.from({ length: 660 }, (_, power) => [
      `1e${power - 330}`,
      `1.5e${power - 330}`,
      `-9.999999999999999e${power - 330}`,
      '9'.repeat(power + 1),
      `0.${'0'.repeat(power)}1`,
    ]).flat();
    expect(texts.map(ours)).toEqual(fromPython(texts));
  });
});

describe('the text Python writes', () => {
  it.each([
    [
      '{"b":1,"a":1.0,"c":-0.0,"d":1e16,"e":1e-5}',
      '{"a": 1.0, "b": 1, "c": -0.0, "d": 1e+16, "e": 1e-05}',
    ],
    [
      '[12345678901234567890123, NaN, -Infinity, 1e400]',
      '[12345678901234567890123, NaN, -Infinity, Infinity]',
    ],
    ['{"a":1,"a":2}', '{"a": 2}'],
    ['{"\\ud83d\\ude00":1,"\uffee":2}', '{"\\uffee": 2, "\\ud83d\\ude00": 1}'],
    ['"\\ud83d"', '"\\ud83d"'],
    ['-0', '0'],
  ])('of %s is %s', (text, written) => {
    expect(pythonText(text, limits)).toBe(written);
  });

  it.each([
    '',
    '{',
    '{"a":1,}',
    '[1 2]',
    '01',
    '+1',
    '.5',
    '1.',
    'nan',
    '-NaN',
    '"\n"',
    '"\\x"',
    '1 1',
    '\ufeff1',
  ])('is none for %j', (text) => {
    expect(pythonText(text, limits)).toBeUndefined();
  });

  it('is none beyond 500 levels, and beyond the digits that Python reads', () => {
    expect(pythonText('['.repeat(501) + ']'.repeat(501), limits)).toBeDefined();
    expect(pythonText('['.repeat(502) + ']'.repeat(502), limits)).toBeUndefined();
    expect(pythonText('9'.repeat(4300), limits)).toBe('9'.repeat(4300));
    expect(pythonText('9'.repeat(4301), limits)).toBeUndefined();
    expect(pythonText('"12"', { depthMax: 1, charsMax: 4 })).toBe('"12"');
    expect(pythonText('"123"', { depthMax: 1, charsMax: 4 })).toBeUndefined();
  });

  it('reads a string of 8 MiB', () => {
    const long = `"${'x\\n'.repeat(2_800_000)}"`;
    expect(pythonText(long, limits)).toBe(long);
  });
});

describe('the hash of a batch', () => {
  it('is of the params with those of the project over them', () => {
    // sha256(json.dumps({**{"b": 1, "a": 1.0}, **{"a": 2, "c": []}}, sort_keys=True).encode())
    expect(membersHash(of('{"b":1,"a":1.0}'), of('{"a":2,"c":[]}'))).toBe(
      createHash('sha256').update('{"a": 2, "b": 1, "c": []}').digest('hex'),
    );
    expect(membersHash(of('{}'))).toBe(
      '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    );
    expect(membersOf('[]')).toBeUndefined();
  });
});
