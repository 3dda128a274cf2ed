/**
 * The compiler projects and their references, edge by edge. References are transitive to the compiler, so an edge too
 * many lets code in that nobody decided on. Compare as literals: a new edge changes this file.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { filesUnder, repository } from './built-graph.js';

const edges: Readonly<Record<string, readonly string[]>> = {
  'adapters/cli': ['src/context'],
  'adapters/finecode': ['src/context', 'src/protocol', 'adapters/proxies'],
  'adapters/http': ['src/context'],
  'adapters/json-rpc': ['src/context', 'src/protocol'],
  'adapters/lsp': ['src/context', 'src/protocol'],
  'adapters/mcp': ['src/context', 'src/protocol'],
  'adapters/proxies': ['src/context', 'src/protocol'],
  'docs/examples/cli-frameworks': ['src/context', 'adapters/cli'],
  'docs/examples/workbench': [
    'src/context',
    'src/hook',
    'src/read',
    'src/testing',
    'adapters/cli',
    'adapters/json-rpc',
    'adapters/lsp',
    'adapters/mcp',
  ],
  'src/cli': [
    'src/context',
    'src/protocol',
    'src/hook',
    'src/wal',
    'src/read',
    'src/export',
    'adapters/cli',
    'adapters/proxies',
    'adapters/finecode',
  ],
  'src/context': [],
  'src/export': ['src/context', 'src/read'],
  'src/hook': ['src/context', 'src/protocol', 'src/wal'],
  'src/protocol': ['src/context'],
  'src/read': ['src/context', 'src/wal'],
  'src/testing': ['src/context', 'src/protocol'],
  'src/wal': ['src/context'],
};

interface Config {
  readonly references?: readonly { readonly path: string }[];
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
}

function configOf(folder: string): Config {
  return JSON.parse(readFileSync(join(repository, folder, 'tsconfig.json'), 'utf8')) as Config;
}

function referencesOf(folder: string): string[] {
  return (configOf(folder).references ?? []).map(({ path }) =>
    normalize(join(folder, path)).replace(/\/$/, ''),
  );
}

const projects = ['adapters', 'src', 'docs/examples']
  .flatMap((folder) => filesUnder(folder, 'tsconfig.json'))
  .map((file) => dirname(file));

test('every project has the references that were decided on, and no other', () => {
  expect(Object.fromEntries(projects.map((folder) => [folder, referencesOf(folder)]))).toEqual(
    edges,
  );
});

test('the root builds every project', () => {
  expect(referencesOf('.').toSorted()).toEqual(Object.keys(edges));
});

test('no project of the package loosens the compiler', () => {
  const allowed = new Set(['rootDir', 'outDir', 'tsBuildInfoFile', 'types']);
  for (const folder of projects.filter((one) => !one.startsWith('docs/'))) {
    const options = Object.keys(configOf(folder).compilerOptions ?? {});
    expect(options.filter((name) => !allowed.has(name))).toEqual([]);
  }
});
