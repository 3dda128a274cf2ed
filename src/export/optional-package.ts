/**
 * Packages that only some commands need: loaded when used, and named with the way to install them when they are not
 * there. Looks where throughline is installed and nowhere else: never in the directory that it is called from.
 */
import { ThroughlineError } from '../context/index.js';

/**
 * The package, as `shape` recognises it. Throws `PACKAGE_MISSING`, in one sentence for the user, when it is not
 * installed, cannot be loaded, or is of a version that has not got what is needed.
 */
export async function loadPackage<Shape>(
  name: string,
  shape: (loaded: Readonly<Record<string, unknown>>) => Shape | undefined,
  purpose: string,
): Promise<Shape> {
  const install = `npm install ${name}`;
  let loaded: unknown;
  try {
    // By a variable: nothing of it is known when this is compiled.
    loaded = await import(name);
  } catch (error) {
    const isMissing = (error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND';
    const why = isMissing ? 'is not installed' : `cannot be loaded (${firstLine(error)})`;
    throw new ThroughlineError(
      'PACKAGE_MISSING',
      `${purpose} needs the package ${name}, which ${why}: ${install} where throughline is installed (-g if that is global)`,
      { cause: error },
    );
  }
  const found = shape(loaded as Readonly<Record<string, unknown>>);
  if (found !== undefined) return found;
  throw new ThroughlineError(
    'PACKAGE_MISSING',
    `${purpose} needs another version of the package ${name} than is installed: ${install}@latest`,
  );
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? text;
}
