/**
 * Finds what a piece of emitted JavaScript loads. It reads tokens, not a syntax tree: comments, strings, templates and
 * regular expressions are told apart, the rest is words and signs. What it cannot name (a computed specifier,
 * `createRequire`, `process.getBuiltinModule`) it reports as such; nobody gets past it by being clever.
 */

export interface Import {
  /** `computed`: loads something whose name is not in the text. */
  readonly kind: 'static' | 'export' | 'dynamic' | 'require' | 'computed';
  readonly specifier: string;
  /** For `static` and `export`: the names taken; `*` for all of them, `default`. */
  readonly names: readonly string[];
}

interface Token {
  readonly kind: 'word' | 'sign' | 'string' | 'template';
  readonly text: string;
}

const tokenPattern =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<string>'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*")|(?<word>[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*|\d[\w.]*)|(?<sign>[^\s])/uy;
const regexPattern = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/uy;
const beforeRegex = new Set(
  'return typeof case in of delete void throw new else do await yield instanceof'.split(' '),
);
const nothing: Token = { kind: 'sign', text: '' };
/** Ways to load a module by a name that is not there to be read. */
const loaders = new Set(['createRequire', 'getBuiltinModule', 'dlopen']);

export function scanImports(text: string): Import[] {
  const tokens = tokenize(text);
  const found: Import[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const { kind, text: word } = tokens[index] ?? nothing;
    if (kind !== 'word') continue;
    const afterDot = tokens[index - 1]?.text === '.';
    if (loaders.has(word)) found.push({ kind: 'computed', specifier: word, names: [] });
    else if (word === 'require') found.push(...call(tokens, index + 1, 'require'));
    else if (afterDot) continue;
    else if (word === 'import') found.push(...importAt(tokens, index + 1));
    else if (word === 'export') found.push(...exportAt(tokens, index + 1));
  }
  return found;
}

/** The words and signs of the text, one blank between them: comments, strings and regular expressions are gone. */
export function codeOf(text: string): string {
  return tokenize(text)
    .filter(({ kind }) => kind === 'word' || kind === 'sign')
    .map((token) => token.text)
    .join(' ');
}

function importAt(tokens: readonly Token[], start: number): Import[] {
  const first = tokens[start];
  if (first === undefined || first.text === '.') return [];
  if (first.kind === 'string') {
    return [{ kind: 'static', specifier: first.text.slice(1, -1), names: [] }];
  }
  if (first.kind === 'sign' && first.text === '(') return call(tokens, start, 'dynamic');
  return clauseAt(tokens, start, 'static');
}

function exportAt(tokens: readonly Token[], start: number): Import[] {
  const first = tokens[start]?.text;
  return first === '*' || first === '{' ? clauseAt(tokens, start, 'export') : [];
}

/** `a, { b as c } from 'x'`, `* as all from 'x'`; nothing when no `from` ends it: a plain `export { a }`. */
function clauseAt(tokens: readonly Token[], start: number, kind: 'static' | 'export'): Import[] {
  const names: string[] = [];
  for (let index = start; index < tokens.length; index += 1) {
    const token = tokens[index] ?? nothing;
    const next = tokens[index + 1];
    if (token.text === 'from' && next?.kind === 'string') {
      return [{ kind, specifier: next.text.slice(1, -1), names }];
    }
    if (token.text === ';' || token.kind === 'string' || token.kind === 'template') return [];
    if (token.text === '*') names.push('*');
    else if (token.text === 'as') index += 1;
    else if (token.kind === 'word') names.push(index === start ? 'default' : token.text);
    else if (token.text === '}' && next?.text !== 'from' && kind === 'export') return [];
  }
  return [];
}

function call(tokens: readonly Token[], start: number, kind: 'dynamic' | 'require'): Import[] {
  if (tokens[start]?.text === '.') {
    return tokens[start + 1]?.text === 'resolve' ? call(tokens, start + 2, kind) : [];
  }
  if (tokens[start]?.text !== '(') return [];
  const argument = tokens[start + 1];
  const behind = tokens[start + 2]?.text;
  const isPlain = argument?.kind === 'string' || argument?.kind === 'template';
  if (argument === undefined || !isPlain || (behind !== ')' && behind !== ',')) {
    return [{ kind: 'computed', specifier: kind, names: [] }];
  }
  return [{ kind, specifier: argument.text.slice(1, -1), names: [] }];
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  // Depth of braces inside each open `${`: its closing brace goes on with the template.
  const open: number[] = [];
  let at = 0;
  while (at < text.length) {
    const last = tokens.at(-1);
    if (text[at] === '`' || (text[at] === '}' && open.at(-1) === 0)) {
      if (text[at] === '}') open.pop();
      const end = templateEnd(text, at + 1);
      if (text[end] === '{') open.push(0);
      const isWhole = text[at] === '`' && text[end] === '`';
      tokens.push({ kind: isWhole ? 'template' : 'sign', text: text.slice(at, end + 1) });
      at = end + 1;
      continue;
    }
    if (text[at] === '/' && !/[/*]/.test(text[at + 1] ?? '') && mayBeRegex(last)) {
      regexPattern.lastIndex = at;
      const regex = regexPattern.exec(text);
      if (regex !== null) {
        tokens.push({ kind: 'sign', text: 'regex' });
        at += regex[0].length;
        continue;
      }
    }
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(text);
    at += match === null ? 1 : match[0].length;
    const { string, word, sign } = match?.groups ?? {};
    if (string !== undefined) tokens.push({ kind: 'string', text: string });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (sign !== undefined) {
      tokens.push({ kind: 'sign', text: sign });
      const depth = open.at(-1);
      if (depth !== undefined && sign === '{') open[open.length - 1] = depth + 1;
      if (depth !== undefined && sign === '}') open[open.length - 1] = depth - 1;
    }
  }
  return tokens;
}

/** The index of the closing backtick, or of the brace of the next `${`. */
function templateEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '`') return at;
    else if (text[at] === '$' && text[at + 1] === '{') return at + 1;
  }
  return text.length;
}

function mayBeRegex(last: Token | undefined): boolean {
  if (last === undefined) return true;
  if (last.kind === 'word') return beforeRegex.has(last.text);
  return last.kind === 'sign' && !/^[)\]}]$|`$/.test(last.text) && last.text !== 'regex';
}
