/** `throughline finecode uninstall`: takes away what `finecode install` wrote, and nothing else. */
import { join } from 'node:path';
import { exitCode, UsageError, type Given } from '../command.js';
import { readPlaced, takeAway } from '../finecode/place.js';
import { isOurs, pthName } from '../finecode/pth.js';
import { sitePackages, venvsOf } from '../finecode/venv.js';
import { print } from '../text.js';

export async function execute(given: Given): Promise<number> {
  const isDry = given.flag('dry-run');
  for (const venv of venvsOf(given.values('venv'))) {
    const file = join(sitePackages(venv), pthName);
    const text = readPlaced(file);
    if (text === undefined) {
      print([`${file}: is not there`]);
      continue;
    }
    if (!isOurs(text)) throw new UsageError(`${file} is not ours: look at it, and move it away`);
    if (!isDry) takeAway(file);
    print([`${file}: ${isDry ? 'would be removed' : 'removed'}`]);
  }
  return exitCode.ok;
}
