/**
 * The script of a thread, made of the text of functions: it needs no file of its own, and bundlers cannot lose it. Each
 * function must use its arguments and nothing else.
 */

/** Calls `serve` with Node's modules, by the names it has for them, and with what each further text evaluates to. */
export function threadText(
  serve: { toString(): string },
  modules: Readonly<Record<string, string>>,
  ...further: readonly string[]
): string {
  // A transpiler may have put calls of this helper, which keeps names, into the functions' text.
  const keepNames = 'const __name = (fn) => fn;';
  const required = Object.entries(modules).map(([name, module]) => `${name}: require('${module}')`);
  const given = [`{ ${required.join(', ')} }`, ...further];
  return `${keepNames}(${serve.toString()})(${given.join(', ')});`;
}
