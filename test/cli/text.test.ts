import { afterEach, describe, expect, it } from 'vitest';
import { jsonLine } from '../../src/cli/json.js';
import { clean, cleanLines, columns, widthOf } from '../../src/cli/text.js';
import { duration } from '../../src/cli/times.js';

describe('text from a stream', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', '\ufffd[31mred\ufffd[0m'],
    ['a\nb\rc\td\u0000', 'a\ufffdb\ufffdc\ufffdd\ufffd'],
    ['\u009b2J\u007f', '\ufffd2J\ufffd'],
    ['\u202etxt.exe\u2066', '\ufffdtxt.exe\ufffd'],
    ['lone \ud800 surrogate', 'lone \ufffd surrogate'],
    ['naïve 漢字 👍', 'naïve 漢字 👍'],
    // Tags say things that only a program reads; fillers, joiners and selectors make two names look the same.
    ['ok\u{e0064}\u{e0065}\u{e007f}', 'ok\ufffd\ufffd\ufffd'],
    [
      'a\u{e0100}\ufe0eb\u00ad\u034f\u115f\u3164\uffa0c',
      'a\ufffd\ufffdb\ufffd\ufffd\ufffd\ufffd\ufffdc',
    ],
    ['a\u180e\u200b\u200d\u2060\u2064\ufeffb', 'a\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdb'],
    [
      '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u200e\u200f',
      '\ufffd'.repeat(12),
    ],
    ['a\ufff9b\ufffac\ufffb', 'a\ufffdb\ufffdc\ufffd'],
    ['⚠️ and 👍️ are signs, a️ is not', '⚠️ and 👍️ are signs, a\ufffd is not'],
  ])('%j is shown as %j', (text, shown) => {
    expect(clean(text)).toBe(shown);
  });

  it('keeps lines and tabs where text has them, and nothing else that a terminal acts upon', () => {
    expect(cleanLines('a\tb\nc\r\u001b[2J\u202e')).toBe('a\tb\nc\ufffd\ufffd[2J\ufffd');
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

describe('JSON', () => {
  it('escapes what nobody sees, and is the same value when parsed', () => {
    const name = 'ok\u{e0064}\ufe0f\u202e\u00ad\u007f\ud800 👍';
    const text = jsonLine('run/1', { name });
    expect(text).toBe(
      String.raw`{"schema":"throughline.run/1","name":"ok\udb40\udc64\ufe0f\u202e\u00ad\u007f\ud800 👍"}`,
    );
    expect((JSON.parse(text) as { name: string }).name).toBe(name);
  });
});

describe('a table on a terminal', () => {
  const rows = [
    ['✓', '…R8Y2XEW', '14:02:11.480', 'mcp a-client-with-a-name', 'tool run_all_checks', 'ok'],
    ['✗', '…6T3MZQ9', '14:02:12.480', 'lsp', 'codeAction format', 'failed: handler ruff_format'],
  ];
  const before = Object.getOwnPropertyDescriptors(process.stdout);
  afterEach(() => {
    for (const name of ['isTTY', 'columns'] as const) {
      const was = before[name];
      if (was === undefined) Reflect.deleteProperty(process.stdout, name);
      else Object.defineProperty(process.stdout, name, was);
    }
  });
  function shown(width: number | undefined): readonly string[] {
    const isTTY = width !== undefined;
    Object.defineProperty(process.stdout, 'isTTY', { value: isTTY, configurable: true });
    Object.defineProperty(process.stdout, 'columns', { value: width, configurable: true });
    return columns(rows, [3, 4]);
  }

  it('of 80 columns cuts what may be cut, and is no wider', () => {
    expect(shown(80)).toEqual([
      '✓ …R8Y2XEW  14:02:11.480  mcp a-client-with…  tool run_all_chec…  ok',
      '✗ …6T3MZQ9  14:02:12.480  lsp                 codeAction format   failed: handl…',
    ]);
  });

  it('is no wider on a terminal of 60', () => {
    expect(Math.max(...shown(60).map((one) => widthOf(one)))).toBe(60);
  });

  it('is whole where there is room, and where there is no terminal', () => {
    const whole = [
      '✓ …R8Y2XEW  14:02:11.480  mcp a-client-with-a-name  tool run_all_checks  ok',
      '✗ …6T3MZQ9  14:02:12.480  lsp                       codeAction format    failed: handler ruff_format',
    ];
    expect(shown(120)).toEqual(whole);
    expect(shown(undefined)).toEqual(whole);
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
