/** `throughline doctor`: whether this machine, the root and the streams in it are as they should be. */
import { readStory, type Story } from '../../read/index.js';
import { exitCode, type Given } from '../command.js';
import { finding, note, ok, type Check } from '../doctor/check.js';
import { checkOtherRoots, checkPlace } from '../doctor/place.js';
import { checkRecords, checkStory } from '../doctor/streams.js';
import { checkSync } from '../doctor/sync-test.js';
import { jsonLine } from '../json.js';
import { reportTruth, rootsOf } from '../open-story.js';
import { withProgress } from '../progress.js';
import { paged, type Execute } from '../reading.js';
import { plural, truthLines } from '../render/truth-line.js';
import { line, paragraph, print, type Piece } from '../text.js';

const signs: Readonly<Record<Check['result'], Piece>> = {
  ok: { text: '✓', style: 'green' },
  note: { text: '·', style: 'yellow' },
  finding: { text: '✗', style: 'red' },
};
const nodeMin = [20, 19] as const;
/** Where messages begin. */
const indent = 16;

export const execute: Execute = paged(async (given: Given): Promise<number> => {
  const roots = rootsOf(given);
  const checks: Check[] = [checkNode(process.versions.node)];
  for (const root of roots) checks.push(...(await checkPlace(root)));
  checks.push(await checkOtherRoots(roots));
  for (const root of roots) {
    checks.push(
      given.flag('sync-test')
        ? await checkSync(root)
        : note('sync', 'how long a sync takes is recorded nowhere', '--sync-test takes the times'),
    );
  }
  const story = await withProgress(() => readStory({ roots }));
  if (story.truth.records > 0) {
    checks.push(...checkStory(story), ...(await withProgress(() => checkRecords(roots))));
  }
  report(checks, story, given);
  if (story.truth.problems.some(({ message }) => !message.endsWith('holds no streams'))) {
    return exitCode.unreadable;
  }
  return checks.some(({ result }) => result === 'finding') ? exitCode.finding : exitCode.ok;
});

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1]);
  return isEnough
    ? ok('node', version)
    : finding('node', version, `${nodeMin.join('.')} or later is needed`);
}

function report(checks: readonly Check[], story: Story, given: Given): void {
  if (given.flag('json')) {
    print(checks.map((one) => jsonLine('check/1', { ...one, advice: one.advice ?? null })));
    reportTruth(story.truth);
    return;
  }
  for (const one of checks) {
    const head = line(signs[one.result], { text: ` ${one.check.padEnd(12)}`, style: 'bold' }, '  ');
    const [first = '', ...more] = paragraph({ text: one.message }, indent);
    print([`${head}${first.trimStart()}`, ...more]);
    if (one.advice !== undefined) {
      print(paragraph({ text: `→ ${one.advice}`, style: 'dim' }, indent));
    }
  }
  const found = checks.filter(({ result }) => result === 'finding').length;
  const counted = found === 0 ? 'nothing to do' : plural(found, 'finding');
  if (story.streams.length === 0) print([line({ text: counted, style: 'dim' })]);
  else print(truthLines(story, counted));
}
