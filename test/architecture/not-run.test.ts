/** The last line of `npm test` names commands that exist, and every command that `npm test` leaves out. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('says in one line what was not run, by commands that package.json has', () => {
  const said = execFileSync(process.execPath, ['scripts/not-run.mjs'], { encoding: 'utf8' });
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
  };
  const named = [...said.matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1] ?? '');
  const left = Object.keys(scripts).filter((name) => /^(test|bench):|^demo$/.test(name));
  expect(said.trimEnd().split('\n')).toHaveLength(1);
  expect(named.toSorted()).toEqual(left.toSorted());
});
