/** `throughline finecode install`: has the Pythons of venvs load the FineCode hook. Writes one file in each, no other. */
import { join } from 'node:path';
import { exitCode, UsageError, type Given } from '../command.js';
import { place, readPlaced } from '../finecode/place.js';
import { isOurs, pthName, pthText } from '../finecode/pth.js';
import { sitePackages, venvsOf } from '../finecode/venv.js';
import { hookDirectory } from '../hook-directory.js';
import { print } from '../text.js';

export async function execute(given: Given): Promise<number> {
  const isDry = given.flag('dry-run');
  const text = pthText(hookDirectory);
  const steps = venvsOf(given.values('venv')).map((venv) => {
    const file = join(sitePackages(venv), pthName);
    const before = readPlaced(file);
    if (before !== undefined && !isOurs(before)) {
      throw new UsageError(`${file} is not ours: look at it, and move it away`);
    }
    return { file, before };
  });
  // Nothing is written before all of it can be.
  for (const { file, before } of steps) {
    const is = before === text ? 'is as it should be' : before === undefined ? 'new' : 'replaced';
    if (before !== text && !isDry) place(file, text);
    print([`${file}: ${isDry && before !== text ? `would be ${is}` : is}`]);
  }
  if (isDry) print(['', ...text.trimEnd().split('\n'), '', 'nothing was written']);
  else print([`the hook is loaded from ${hookDirectory} when FineCode is started again`]);
  if (/[/\\]_npx[/\\]/.test(hookDirectory)) {
    print([`${hookDirectory} is in a cache that is emptied: install throughline first`]);
  }
  return exitCode.ok;
}
