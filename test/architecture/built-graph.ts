/** Walks what was built, from given files, over every import the scanner finds, dynamic ones too. Nothing is run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeOf, scanImports, type Import } from './import-scan.js';

export const repository: string = fileURLToPath(new URL('../../', import.meta.url));

export interface Graph {
  /** Built files, relative to the repository, sorted. */
  readonly files: readonly string[];
  /** Everything imported that is neither relative nor this package, sorted. */
  readonly bare: readonly string[];
  /** `file: loader` for what cannot be named. */
  readonly computed: readonly string[];
  /** For each file the one that was found to import it: how to explain a finding. */
  readonly importedBy: ReadonlyMap<string, string>;
}

/** Files of one extension under a folder of the repository, relative to it, sorted; none where there is no folder. */
export function filesUnder(folder: string, extension: string): string[] {
  const root = join(repository, folder);
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension) && !name.includes('node_modules'))
    .map((name) => join(folder, name))
    .sort();
}

export function importsOf(file: string): Import[] {
  return scanImports(readFileSync(join(repository, file), 'utf8'));
}

/** What the file does, without what is written about it. */
export function codeOfFile(file: string): string {
  return codeOf(readFileSync(join(repository, file), 'utf8'));
}

/** `loaded`: only what is loaded with the entry itself, not what it may load later. */
export function walk(entries: readonly string[], reach: 'loaded' | 'all' = 'all'): Graph {
  const importedBy = new Map<string, string>(entries.map((entry) => [entry, 'entry']));
  const bare = new Set<string>();
  const computed: string[] = [];
  for (const [file] of importedBy) {
    for (const { kind, specifier } of importsOf(file)) {
      if (reach === 'loaded' && kind !== 'static' && kind !== 'export') continue;
      if (kind === 'computed') computed.push(`${file}: ${specifier}`);
      else {
        const target = resolveImport(file, specifier);
        if (target === undefined) bare.add(specifier);
        // A map visits what is added while it is walked.
        else if (!importedBy.has(target)) importedBy.set(target, file);
      }
    }
  }
  return {
    files: [...importedBy.keys()].sort(),
    bare: [...bare].sort(),
    computed: computed.sort(),
    importedBy,
  };
}

/** `a <- b <- entry`: who brought a file into the graph. */
export function path(graph: Graph, file: string): string {
  const by = graph.importedBy.get(file);
  return by === undefined || by === 'entry' ? file : `${file} <- ${path(graph, by)}`;
}

function resolveImport(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    return relative(repository, resolve(repository, dirname(file), specifier));
  }
  if (specifier === 'throughline' || specifier.startsWith('throughline/')) {
    const target = exportsOfPackage()[`.${specifier.slice('throughline'.length)}`];
    if (typeof target === 'object') return target.default.slice('./'.length);
  }
  return undefined;
}

export type PackageExports = Readonly<
  Record<string, string | { readonly types: string; readonly default: string }>
>;

export function exportsOfPackage(): PackageExports {
  const text = readFileSync(join(repository, 'package.json'), 'utf8');
  return (JSON.parse(text) as { exports: PackageExports }).exports;
}
