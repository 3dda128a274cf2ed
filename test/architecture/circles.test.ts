/** No file needs itself through others, not even for a type: what is read first has no beginning then. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { expect, test } from 'vitest';
import { filesUnder, repository } from './built-graph.js';

const files = ['src', 'adapters'].flatMap((folder) => filesUnder(folder, '.ts'));
const imports = new Map(files.map((file) => [file, importsOf(file)]));

/** The files of ours that the source names, types included: they are gone from what is built. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(repository, file), 'utf8');
  return [...text.matchAll(/^(?:import|export|\}) (?:[^']*? )?from '(\.[^']*)\.js';$/gm)]
    .map(([, path = '']) => join(dirname(file), `${path}.ts`))
    .filter((path) => files.includes(path));
}

/** Everything that the file needs, directly or not. */
function neededBy(file: string): ReadonlySet<string> {
  const needed = new Set(imports.get(file));
  // A set that grows is gone through to its new end.
  for (const one of needed) for (const next of imports.get(one) ?? []) needed.add(next);
  return needed;
}

test('the imports that are looked at are most of what there is', () => {
  const count = [...imports.values()].flat().length;
  expect(count).toBeGreaterThan(2 * files.length);
});

test('no source file imports itself through others', () => {
  expect(files.filter((file) => neededBy(file).has(file))).toEqual([]);
});
