/** The text of the `.pth` file: what Python runs when the venv's interpreter starts, and how ours is told from others. */

export const pthName = 'throughline_finecode.pth';

const mark = '# throughline: the hook for FineCode.';
const advice = 'Taken out by: throughline finecode uninstall --venv DIR';

/**
 * One line that Python executes. It puts nothing on sys.path to stay, loads one small module, and says so on stderr when
 * the hook is gone and the process is FineCode's.
 */
export function pthText(directory: string): string {
  const code = [
    'import os, sys',
    `d = ${pythonLiteral(directory)}`,
    'if os.path.isdir(d):',
    '    sys.path.insert(0, d)',
    '    try:',
    '        import throughline_finecode_start',
    "        throughline_finecode_start.install('pth', d)",
    '    except Exception as e:',
    "        sys.stderr.write('throughline: the hook was not loaded: %s: %s\\n' % (type(e).__name__, e))",
    '    finally:',
    '        sys.path.remove(d)',
    // Python runs the file twice in a venv.
    "elif not hasattr(sys, '_throughline_gone') and any('finecode' in a for a in getattr(sys, 'orig_argv', ())[:4]):",
    '    sys._throughline_gone = d',
    "    sys.stderr.write('throughline: the hook is not in %s any more (throughline finecode install)\\n' % d)",
    '',
  ].join('\n');
  return `${mark} ${advice}\nimport sys; exec(${pythonLiteral(code)}, {})\n`;
}

/** Whether a file of that name is one of ours, of whatever version. */
export function isOurs(text: string): boolean {
  return text.startsWith(mark);
}

/** The folder that one of ours loads; undefined when it cannot be told. */
export function directoryOf(text: string): string | undefined {
  const code = /exec\('(.*)', \{\}\)/.exec(text)?.[1];
  const inner = code === undefined ? undefined : /^d = '(.*)'$/m.exec(unescape(code))?.[1];
  return inner === undefined ? undefined : unescape(inner);
}

/** ASCII: a `.pth` is read in the encoding of the locale. */
function pythonLiteral(text: string): string {
  const escaped = Array.from(text, (character) => {
    if (character === '\\' || character === "'") return `\\${character}`;
    if (character === '\n') return '\\n';
    if (/[\x20-\x7e]/.test(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  });
  return `'${escaped.join('')}'`;
}

function unescape(text: string): string {
  return text.replaceAll(/\\(?:U([0-9a-f]{8})|u([0-9a-f]{4})|(.))/g, (_, long, short, one) => {
    const code = (long ?? short) as string | undefined;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    return one === 'n' ? '\n' : String(one);
  });
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
