/**
 * The public surface of an entry: the names its declaration file exports and every declaration they mention, over the
 * files it takes them from. What a file declares beside that is nobody's business. It reads the compiler's output, whose
 * layout is regular: a declaration begins in the first column, and so does the next one.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { repository } from './built-graph.js';

interface Module {
  /** `/// <reference …>` lines: part of what a consumer's compiler loads. */
  readonly references: readonly string[];
  /** Declarations in order; a name has several when it is overloaded. */
  readonly declarations: readonly { readonly name: string; readonly text: string }[];
  /** Names taken from other files: imports and re-exports. */
  readonly taken: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
  readonly exported: readonly string[];
}

const declarationPattern =
  /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|function|const|let|enum|namespace) ([\w$]+)/;
const clausePattern = /^(import|export)(?: type)? \{([^}]*)\} from ['"]([^'"]+)['"]/;

export interface Surface {
  readonly exported: readonly string[];
  /** `/// <reference …>` lines that are loaded with it. */
  readonly references: readonly string[];
  /** What is reached, by name. Which file declares it is not part of the surface. */
  readonly declarations: readonly { readonly name: string; readonly text: string }[];
}

export function surfaceOf(entry: string): Surface {
  const modules = new Map<string, Module>();
  const moduleOf = (file: string): Module => {
    const known = modules.get(file) ?? parse(file);
    modules.set(file, known);
    return known;
  };
  const { exported } = moduleOf(entry);
  const reached = new Set(exported.map((name) => `${entry}#${name}`));
  for (const one of reached) {
    const [file = '', name = ''] = one.split('#');
    const module = moduleOf(file);
    const taken = module.taken.get(name);
    if (taken !== undefined) reached.add(`${taken.file}#${taken.name}`);
    for (const { text } of module.declarations.filter((declared) => declared.name === name)) {
      for (const [word] of text.matchAll(/[\w$]+/g)) {
        const isKnown =
          module.taken.has(word) || module.declarations.some((declared) => declared.name === word);
        if (isKnown) reached.add(`${file}#${word}`);
      }
    }
  }
  const all = [...modules];
  return {
    exported: exported.toSorted(),
    references: [...new Set(all.flatMap(([, { references }]) => references))].toSorted(),
    declarations: all
      .flatMap(([file, { declarations }]) =>
        declarations.filter(({ name }) => reached.has(`${file}#${name}`)),
      )
      .toSorted((one, other) => compare(one.name, other.name) || compare(one.text, other.text)),
  };
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Every declaration file that a consumer's compiler loads for an entry. */
export function filesOf(entry: string): readonly string[] {
  const found = new Set([entry]);
  for (const file of found) {
    for (const [, specifier = ''] of textOf(file).matchAll(
      /(?:from|import\()\s*["'](\.[^"']+)\.js["']/g,
    )) {
      found.add(besides(file, `${specifier}.js`));
    }
  }
  return [...found].toSorted();
}

/** The file's text without comments, which may change freely. */
export function textOf(file: string): string {
  return readFileSync(join(repository, file), 'utf8')
    .replace(/^\/\/# sourceMappingURL=.*$/gm, '')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/[ \t]+$/gm, '')
    .replace(/^\n/gm, '');
}

function parse(file: string): Module {
  const statements = textOf(file).split(/\n(?=[^\s}])/);
  const taken = new Map<string, { file: string; name: string }>();
  const declarations: { name: string; text: string }[] = [];
  const exported: string[] = [];
  for (const text of statements) {
    const clause = clausePattern.exec(text);
    const declared = declarationPattern.exec(text)?.[1];
    if (clause !== null) {
      const [, verb, list = '', specifier = ''] = clause;
      for (const [name = '', local = name] of namesIn(list)) {
        if (specifier.startsWith('.')) taken.set(local, { file: besides(file, specifier), name });
        if (verb === 'export') exported.push(local);
      }
    } else if (declared !== undefined) {
      declarations.push({ name: declared, text: text.trim() });
      if (text.startsWith('export ')) exported.push(declared);
    } else if (/^export (?:type )?\{/.test(text)) {
      for (const [name = '', local = name] of namesIn(text.replace(/^[^{]*\{|\}[\s\S]*$/g, ''))) {
        exported.push(local);
        if (local !== name) throw new Error(`${file}: renamed at export, which is not read here`);
      }
    } else if (!text.startsWith('///') && !/^import\b|^\s*$/.test(text)) {
      throw new Error(`${file}: a declaration of a kind that is not read here: ${text}`);
    }
  }
  const references = statements
    .filter((text) => text.startsWith('/// <reference'))
    .map((t) => t.trim());
  return { references, declarations, taken, exported };
}

function namesIn(list: string): string[][] {
  return list
    .split(',')
    .map((one) => one.trim().replace(/^type /, ''))
    .filter((one) => one !== '')
    .map((one) => one.split(' as '));
}

function besides(file: string, specifier: string): string {
  return relative(repository, resolve(repository, dirname(file), specifier)).replace(
    /\.js$/,
    '.d.ts',
  );
}
