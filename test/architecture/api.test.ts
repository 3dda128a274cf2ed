/**
 * The public types, as the compiler emits them, against golden files. A difference is a decision about the public
 * surface: look at it, write its line in the changelog, then run with UPDATE_GOLDEN=1.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportsOfPackage, filesUnder, repository } from './built-graph.js';
import { filesOf, surfaceOf, textOf } from './declarations.js';

const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
const golden = 'test/golden/api';

const entries = Object.entries(exportsOfPackage()).flatMap(([subpath, target]) =>
  typeof target === 'object'
    ? [{ name: subpath.slice(2) || 'context', types: target.types.slice('./'.length) }]
    : [],
);
const inContext = new Set(
  surfaceOf('dist/src/context/index.d.ts').declarations.map(({ text }) => text),
);

function printed(name: string, types: string): string {
  const { exported, references, declarations } = surfaceOf(types);
  // What the root entry shows in full is named by the others, not repeated.
  const isShared = (text: string): boolean => name !== 'context' && inContext.has(text);
  const shared = declarations.filter(({ text }) => isShared(text)).map((one) => one.name);
  return [
    `// exports: ${exported.join(', ')}`,
    ...(shared.length === 0 ? [] : [`// as in context.d.ts: ${[...new Set(shared)].join(', ')}`]),
    ...references,
    ...declarations.filter(({ text }) => !isShared(text)).map(({ text }) => text),
  ]
    .join('\n\n')
    .concat('\n');
}

if (isUpdate) {
  rmSync(join(repository, golden), { recursive: true, force: true });
  mkdirSync(join(repository, golden), { recursive: true });
  for (const { name, types } of entries) {
    writeFileSync(join(repository, golden, `${name}.d.ts`), printed(name, types));
  }
}

describe('the public types', () => {
  test('have one golden file for each subpath, and no other', () => {
    expect(entries.map(({ name }) => name)).toEqual([
      'context',
      'cli',
      'hook',
      'http',
      'json-rpc',
      'lsp',
      'mcp',
      'read',
      'testing',
    ]);
    expect(filesUnder(golden, '.d.ts')).toEqual(
      entries.map(({ name }) => `${golden}/${name}.d.ts`).toSorted(),
    );
  });

  test.each(entries)('of throughline/$name are those that were decided on', ({ name, types }) => {
    expect(printed(name, types)).toBe(
      readFileSync(join(repository, golden, `${name}.d.ts`), 'utf8'),
    );
  });

  test.each(entries)('that throughline/$name loads name no type of Node', ({ types }) => {
    const ofNode = /\bNodeJS\.|\bBuffer\b|["']node:|types="node"/;
    expect(filesOf(types).filter((file) => ofNode.test(textOf(file)))).toEqual([]);
  });
});
