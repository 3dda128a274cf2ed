// The exported page in a real browser. Needs a build and Chromium; `npm ci` in this folder first. `--screenshots FOLDER`
// keeps what it looked like.
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browser, missing } from './browser.mjs';
import { accessible } from './accessible.mjs';
import { hostileNames } from './hostile.mjs';
import { keyboard } from './keyboard.mjs';
import { looks } from './looks.mjs';
import { pagesIn } from './pages.mjs';
import { searching } from './searching.mjs';
import { shown } from './shown.mjs';

const absent = missing();
if (absent !== undefined) {
  // A check that cannot run fails: nobody reads a line among many green ones.
  console.error(absent);
  process.exit(1);
}
const at = process.argv.indexOf('--screenshots');
const screenshots = at === -1 ? undefined : process.argv[at + 1];
if (screenshots !== undefined) mkdirSync(screenshots, { recursive: true });

const folder = mkdtempSync(join(tmpdir(), 'tl-page-'));
const pages = await pagesIn(folder);
const chromium = await browser();
let failed = 0;

for (const [name, check] of Object.entries({
  ...shown,
  ...keyboard,
  ...searching,
  ...accessible,
  ...hostileNames,
  ...looks,
})) {
  try {
    const opened = await chromium.open(pages[check.page].url);
    const note = await check.run({ ...opened, ...pages[check.page], screenshots });
    await opened.page.close();
    assert.deepEqual(opened.complaints, [], 'the page complained, or asked for something');
    console.log(`ok      ${name}${note === undefined ? '' : ` (${note})`}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.stack ?? error}`);
  }
}
await chromium.close();
rmSync(folder, { recursive: true, force: true });
console.log(failed === 0 ? 'all passed' : `${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
