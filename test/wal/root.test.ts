/** Where the root is: the same place for writers and readers, and nothing is created to find it. */
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { explainRoot, resolveRoot } from '../../src/wal/root.js';

let base: string;
let workspace: string;
let deep: string;
const env = { XDG_STATE_HOME: '/state', HOME: '/home/ada' };

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'throughline-root-')));
  workspace = join(base, 'my project');
  deep = join(workspace, 'src', 'deep');
  mkdirSync(deep, { recursive: true });
  mkdirSync(join(workspace, '.git'));
});

afterEach(() => rmSync(base, { recursive: true }));

it('is the one that was given, before anything else', () => {
  mkdirSync(join(workspace, '.throughline'));
  expect(resolveRoot({ root: '../r', cwd: deep, env: { ...env, THROUGHLINE_ROOT: '/e' } })).toBe(
    join(workspace, 'src', 'r'),
  );
});

it('is that of the environment, before any that is found', () => {
  mkdirSync(join(workspace, '.throughline'));
  expect(resolveRoot({ cwd: deep, env: { ...env, THROUGHLINE_ROOT: '/e' } })).toBe('/e');
});

it("is the nearest ancestor's .throughline, if somebody made one", () => {
  mkdirSync(join(workspace, '.throughline'));
  expect(resolveRoot({ cwd: deep, env })).toBe(join(workspace, '.throughline'));
  mkdirSync(join(workspace, 'src', '.throughline'));
  expect(resolveRoot({ cwd: deep, env })).toBe(join(workspace, 'src', '.throughline'));
});

it('is never behind a link that somebody put there', () => {
  mkdirSync(join(base, 'elsewhere'));
  symlinkSync(join(base, 'elsewhere'), join(workspace, '.throughline'));
  expect(resolveRoot({ cwd: deep, env })).toMatch(/^\/state\//);
});

it('is in the state directory otherwise, one for each workspace, from wherever in it one asks', () => {
  const root = resolveRoot({ cwd: deep, env });
  expect(root).toMatch(/^\/state\/throughline\/my_project-[0-9a-f]{8}$/);
  expect(resolveRoot({ cwd: workspace, env })).toBe(root);
  expect(resolveRoot({ cwd: base, workspace, env })).toBe(root);
  expect(resolveRoot({ cwd: base, env })).not.toBe(root);
});

it('has the same name through a link to the workspace', () => {
  const link = join(base, 'link');
  symlinkSync(workspace, link);
  expect(resolveRoot({ cwd: base, workspace: link, env })).toBe(
    resolveRoot({ cwd: workspace, env }),
  );
});

it('is below the home directory without XDG_STATE_HOME, and with a relative one', () => {
  const home = /^\/home\/ada\/\.local\/state\/throughline\//;
  expect(resolveRoot({ cwd: deep, env: { HOME: '/home/ada' } })).toMatch(home);
  expect(resolveRoot({ cwd: deep, env: { HOME: '/home/ada', XDG_STATE_HOME: 'x' } })).toMatch(home);
});

it.each(['', 'home', '.'])('is never below the working directory, with the HOME %j', (given) => {
  const kept = process.env['HOME'];
  process.env['HOME'] = given;
  try {
    const root = resolveRoot({ cwd: deep, env: { HOME: given } });
    expect(root).toMatch(/^\/.*\/\.local\/state\/throughline\//);
    expect(root.startsWith(process.cwd())).toBe(false);
  } finally {
    if (kept === undefined) delete process.env['HOME'];
    else process.env['HOME'] = kept;
  }
});

it('is looked up without a trace', () => {
  resolveRoot({ cwd: deep, env: { ...env, XDG_STATE_HOME: base } });
  expect(readdirSync(base)).toEqual(['my project']);
});

it('says of every rule what came of it, the one that is followed first among those that name one', () => {
  mkdirSync(join(workspace, '.throughline'));
  expect(explainRoot({ cwd: deep, env: { ...env, THROUGHLINE_ROOT: '' } })).toEqual([
    { rule: 'option', root: undefined, why: 'not given' },
    { rule: 'THROUGHLINE_ROOT', root: undefined, why: 'not set' },
    { rule: '.throughline', root: join(workspace, '.throughline'), why: 'the nearest one of ours' },
    {
      rule: 'XDG_STATE_HOME',
      root: expect.stringMatching(/^\/state\/throughline\/my_project-[0-9a-f]{8}$/) as string,
      why: `of the repository ${workspace}`,
    },
  ]);
});
