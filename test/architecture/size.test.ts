/** Files one can read: at most 250 lines, the middle one at most 100. Functions of 70 lines are the linter's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesUnder, repository } from './built-graph.js';

const sizes = ['src', 'adapters']
  .flatMap((folder) => filesUnder(folder, '.ts'))
  .map((file) => ({
    file,
    lines: readFileSync(join(repository, file), 'utf8').trimEnd().split('\n').length,
  }))
  .sort((one, other) => one.lines - other.lines);

test('no source file is over 250 lines', () => {
  expect(sizes.filter(({ lines }) => lines > 250)).toEqual([]);
});

test('the median source file is at most 100 lines', () => {
  expect(sizes.length).toBeGreaterThan(15);
  expect(sizes[Math.floor(sizes.length / 2)]?.lines).toBeLessThanOrEqual(100);
});
