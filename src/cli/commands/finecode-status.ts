/** `throughline finecode status`: whether the FineCode hook would load, by starting the Python of each venv. Read-only. */
import { join } from 'node:path';
import { exitCode, UsageError, type Given } from '../command.js';
import { readPlaced } from '../finecode/place.js';
import { directoryOf, isOurs, pthName, pthText } from '../finecode/pth.js';
import { askStatus, type HookStatus } from '../finecode/status.js';
import { sitePackages, venvsOf, type Venv } from '../finecode/venv.js';
import { hookDirectory } from '../hook-directory.js';
import { columns, print } from '../text.js';

export async function execute(given: Given): Promise<number> {
  const all = venvsOf(given.values('venv')).map((venv) => show(venv));
  return all.every(Boolean) ? exitCode.ok : exitCode.finding;
}

/** True when the hook loads and every part of it that has something to patch found it. */
function show(venv: Venv): boolean {
  const rows: string[][] = [['venv', venv.directory]];
  let isWell = false;
  try {
    const file = join(sitePackages(venv), pthName);
    const status = askStatus(venv, hookDirectory);
    const left = status.parts.filter(({ state }) => state !== 'patched' && state !== 'absent');
    isWell = status.isLoaded && left.length === 0;
    rows.push(['python', `${status.python} (${venv.python})`]);
    rows.push(['hook', hookOf(status)], ['file', fileOf(file)]);
    for (const { name, version } of status.packages) rows.push([name, version]);
    if (status.isLoaded) rows.push(['parts', partsOf(status)]);
    for (const { module, state } of left) rows.push(['', `${module}: ${state}`]);
    for (const line of status.stderr) rows.push(['stderr', line]);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    rows.push(['python', error.message]);
  }
  print([...columns(rows), '']);
  return isWell;
}

function hookOf(status: HookStatus): string {
  if (!status.isLoaded) return 'is not loaded';
  const form = status.form === 'pth' ? 'by its .pth file' : 'by the environment';
  return `loaded ${form}, version ${status.version}, from ${status.directory}`;
}

function fileOf(file: string): string {
  const text = readPlaced(file);
  if (text === undefined) return `${file} is not there (throughline finecode install)`;
  if (!isOurs(text)) return `${file} is not ours`;
  if (text === pthText(hookDirectory)) return file;
  return `${file} is of another throughline, ${directoryOf(text) ?? 'which cannot be told'} (throughline finecode install)`;
}

function partsOf(status: HookStatus): string {
  const count = (state: string): number =>
    status.parts.filter((part) => part.state === state).length;
  const [patched, absent] = [count('patched'), count('absent')];
  return `${String(patched)} of ${String(status.parts.length - absent)} would be patched, ${String(absent)} are not in this venv`;
}
