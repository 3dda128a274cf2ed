import { describe, expect, it } from 'vitest';
import { clean, columns, widthOf } from '../../src/cli/text.js';
import { duration } from '../../src/cli/times.js';

describe('text from a stream', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', '\ufffd[31mred\ufffd[0m'],
    ['a\nb\rc\td\u0000', 'a\ufffdb\ufffdc\ufffdd\ufffd'],
    ['\u009b2J\u007f', '\ufffd2J\ufffd'],
    ['\u202etxt.exe\u2066', '\ufffdtxt.exe\ufffd'],
    ['lone \ud800 surrogate', 'lone \ufffd surrogate'],
    ['naïve 漢字 👍', 'naïve 漢字 👍'],
  ])('%j is shown as %j', (text, shown) => {
    expect(clean(text)).toBe(shown);
  });

  it('keeps columns in line whatever its width', () => {
    expect(
      columns([
        ['漢字', 'x'],
        ['abc', 'y'],
        ['e\u0301', 'z'],
      ]),
    ).toEqual(['漢字  x', 'abc   y', 'e\u0301     z']);
    expect(widthOf('漢字👍')).toBe(6);
  });
});

describe('a duration', () => {
  it.each([
    [0, '0'],
    [0.42, '0.4ms'],
    [14.4, '14ms'],
    [999.4, '999ms'],
    [999.6, '1.00s'],
    [1210, '1.21s'],
    [48_600, '48.6s'],
    [725_000, '12m05s'],
    [11_220_000, '3h07m'],
    [187_200_000, '2d04h'],
  ])('of %d ms is written %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});
