/** The Python code keeps the contract: the vectors that every language runs, on each Python that is there. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { vectors } from '../../contract/vectors.js';
import { pythons, runPython } from './support/python.js';

const file = fileURLToPath(new URL('../../contract/vectors.json', import.meta.url));

interface Result {
  readonly cases: number;
  readonly failed: readonly unknown[];
}

describe.each(pythons)('%s', (python) => {
  it('reads and writes every vector of the contract as every other language does', async () => {
    const { code, stdout, stderr } = await runPython('vectors.py', file, { python });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const results = JSON.parse(stdout) as Readonly<Record<string, Result>>;
    expect(Object.values(results).flatMap(({ failed }) => failed)).toEqual([]);
    const lists = Object.keys(vectors).filter((name) => name !== 'format' && name !== 'about');
    expect(Object.keys(results).toSorted()).toEqual(lists.toSorted());
    expect(Object.values(results).reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThan(300);
  });
});
