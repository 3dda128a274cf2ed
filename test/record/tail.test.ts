import { describe, expect, it } from 'vitest';
import { describeCommand } from '../../src/hook/exec/command-line.js';
import { Tail } from '../../src/hook/exec/tail.js';

function tailOf(bytesMax: number, ...chunks: readonly (string | Buffer)[]): string {
  const tail = new Tail(bytesMax);
  for (const chunk of chunks) tail.add(Buffer.from(chunk));
  return tail.text();
}

describe('the tail of a stream', () => {
  it('is all of it when that is short, and its last bytes otherwise', () => {
    expect(tailOf(5, '')).toBe('');
    expect(tailOf(5, 'abc', 'de')).toBe('abcde');
    expect(tailOf(5, 'abc', 'def')).toBe('bcdef');
  });

  it('is the same whatever pieces it came in', () => {
    const text = Array.from({ length: 3000 }, (_, index) => `line ${index}\n`).join('');
    const whole = tailOf(100, text);
    const pieces = text.match(/[^]{1,7}/g) ?? [];
    expect(tailOf(100, ...pieces)).toBe(whole);
    expect(whole).toHaveLength(100);
    expect(text.endsWith(whole)).toBe(true);
  });

  it('never begins inside a character', () => {
    expect(tailOf(4, 'ééé')).toBe('éé');
    expect(tailOf(5, 'ééé')).toBe('éé');
  });

  it('holds nothing that a terminal would act upon', () => {
    expect(tailOf(99, '\u001b[1;31mred\u001b[0m\r\nnext\u0007\u001b]0;title\u0007 50%\r60%')).toBe(
      'red\nnext 50%\n60%',
    );
  });

  it('holds no secret, even one whose beginning the cut took', () => {
    expect(tailOf(99, 'Authorization: Bearer abcdef123456\n')).not.toContain('abcdef');
    const secret = `password=${'s3cr3t'.repeat(5)}`;
    for (let bytesMax = 1; bytesMax <= secret.length; bytesMax += 1) {
      expect(tailOf(bytesMax, 'x'.repeat(3000), '\n', secret)).not.toMatch(/s3cr3t/);
    }
  });

  it('keeps bytes that are no text, as such', () => {
    expect(tailOf(99, Buffer.from([0x61, 0xff, 0x62]))).toBe('a\ufffdb');
  });
});

describe('a command line', () => {
  it('is a name and a number', () => {
    expect(describeCommand('/usr/bin/make', ['-j', 'secret'], false)).toEqual({
      name: 'make',
      arguments: 2,
    });
  });

  it('keeps 64 arguments of 512 characters when asked', () => {
    const args = Array.from({ length: 65 }, () => 'a b '.repeat(200));
    const described = describeCommand('make', args, true) as { argv: string[]; arguments: number };
    expect(described.arguments).toBe(65);
    expect(described.argv).toHaveLength(64);
    expect(described.argv[0]).toBe(`${'a b '.repeat(128)}…[cut 288]`);
  });
});
