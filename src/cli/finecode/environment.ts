/**
 * The environment-only form of the FineCode hook: `throughline run -- finecode …` has Python find it. Pure: it looks at
 * names and writes nothing, and whether there is a Python, a FineCode or a hook is for the command to find out.
 */
import { delimiter, join } from 'node:path';

/** Whether the command is FineCode by its name: `finecode`, or a Python that is told to run that module. */
export function isFinecode(file: string, args: readonly string[]): boolean {
  const name = nameOf(file);
  if (name === 'finecode') return true;
  if (!/^py(?:thon)?w?[0-9.]*$/.test(name)) return false;
  const module = args[args.indexOf('-m') + 1];
  return args.includes('-m') && (module === 'finecode' || module?.startsWith('finecode.') === true);
}

function nameOf(file: string): string {
  const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  return name.toLowerCase().replace(/\.exe$/, '');
}

/** PYTHONPATH with the hook's folder first, once; undefined where a path cannot be put there. */
export function pythonPath(before: string | undefined, directory: string): string | undefined {
  const folder = join(directory, 'site');
  if (folder.includes(delimiter)) return undefined;
  const others = (before ?? '').split(delimiter).filter((one) => one !== folder);
  return [folder, ...others].filter((one, index) => index === 0 || one !== '').join(delimiter);
}
