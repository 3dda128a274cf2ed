/** What docs/recipes.md says can be run here, is. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, plainEnv, throughline } from '../cli/bin.js';

const page = readFileSync('docs/recipes.md', 'utf8');
const show = 'echo "$TRACEPARENT"';
const run = `"${process.execPath}" "${bin}" run`;

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tl-recipes-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The block of the page that has this text in it, without its fence. */
function block(text: string): string {
  const blocks = [...page.matchAll(/^( *)```\w+\n([\s\S]*?)^ *```/gm)].map((match) => match[2]);
  return blocks.find((one) => one?.includes(text)) ?? '';
}

function sh(script: string, env: NodeJS.ProcessEnv = {}): string {
  const ran = spawnSync('sh', ['-euc', script], {
    encoding: 'utf8',
    cwd: scratch,
    env: { ...plainEnv, ...env },
  });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  return ran.stdout;
}

describe('an id derived from the number of a CI run', () => {
  const derived = '00-662a34f24e369c95fb2954f9be0829d7-4645caebb5598284-01';

  it('is the same for the same run, and another for another job', () => {
    const script = `${block('traceparent_of()')}
      traceparent_of me/project/7/1 lint; traceparent_of me/project/7/1 lint; traceparent_of me/project/7/1 test`;
    const [one, again, other] = sh(script).split('\n');
    expect(one).toBe(derived);
    expect(again).toBe(one);
    expect(other?.slice(0, 36)).toBe(one?.slice(0, 36));
    expect(other).not.toBe(one);
    expect(throughline(['id', one ?? '']).code).toBe(0);
  });

  it('is what the step for GitHub Actions puts into the environment', () => {
    const step = /run: \|\n([\s\S]*?)\n- run:/.exec(block('GITHUB_ENV'))?.[1] ?? '';
    const file = join(scratch, 'github-env');
    writeFileSync(file, '');
    sh(step.replace('${{ strategy.job-index }}', '0'), {
      GITHUB_ENV: file,
      GITHUB_REPOSITORY: 'me/project',
      GITHUB_RUN_ID: '7',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_JOB: 'lint',
    });
    const [parent, state] = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(parent?.slice('TRACEPARENT='.length, 'TRACEPARENT='.length + 35)).toBe(
      derived.slice(0, 35),
    );
    expect(state).toBe('TRACESTATE=tl=;cli;;lint;github');
    const env = { TRACEPARENT: parent?.slice('TRACEPARENT='.length) };
    expect(sh(`${run} -- sh -c '${show}'`, env).slice(0, 35)).toBe(derived.slice(0, 35));
  });

  it('is what the lines for GitLab export', () => {
    const lines = [...block('CI_PIPELINE_ID').matchAll(/^ +- (.*)$/gm)].map((match) => match[1]);
    const printed = sh([...lines, show].join('\n'), {
      CI_PROJECT_PATH: 'me/project',
      CI_PIPELINE_ID: '7',
      CI_JOB_ID: '8',
    });
    expect(printed).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01\n$/);
  });
});

describe('what passes its environment on', () => {
  it('npm run: the scripts it starts are spans of one request', () => {
    const inner = `${run} --print-id -- sh -c true`.replaceAll('"', '\\"');
    const scripts = `{ "scripts": { "check": "npm run -s lint && npm run -s lint", "lint": "${inner}" } }`;
    writeFileSync(join(scratch, 'package.json'), scripts);
    const ran = spawnSync('sh', ['-c', `${run} --print-id -- npm run -s check`], {
      encoding: 'utf8',
      cwd: scratch,
      env: { ...plainEnv, HOME: scratch, npm_config_update_notifier: 'false' },
    });
    const ids = [...ran.stderr.matchAll(/00-([0-9a-f]{32})-([0-9a-f]{16})-03/g)];
    expect(ids.length).toBe(3);
    expect(new Set(ids.map((match) => match[1])).size).toBe(1);
    expect(new Set(ids.map((match) => match[2])).size).toBe(3);
  });

  it('make: every target of one call is a span of one request', () => {
    const target = (name: string): string =>
      `${name}:\n\t@${run} -- sh -c '${show.replaceAll('$', '$$$$')}'\n`;
    writeFileSync(join(scratch, 'Makefile'), `all: lint test\n${target('lint')}${target('test')}`);
    const [one, other] = sh(`${run} -- make -s all`).trimEnd().split('\n');
    expect(other?.slice(0, 35)).toBe(one?.slice(0, 35));
    expect(other).not.toBe(one);
  });

  it('a git hook: begins below the command line that committed', () => {
    const script = `git init -q . && git config user.email me@here && git config user.name me
      printf '#!/bin/sh\\nexec %s' '${run} --print-id --name pre-commit -- true' > .git/hooks/pre-commit
      chmod +x .git/hooks/pre-commit
      git commit -q --allow-empty -m one 2>&1`;
    const env = { TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    expect(sh(script, { ...env, HOME: scratch })).toContain('00-0af7651916cd43dd8448eb211c80319c-');
  });

  it('env -u takes the context away, as for a daemon', () => {
    const line = block('env -u').replace('my-daemon --background', `sh -c 'env'`);
    const env = { TRACEPARENT: '00-0', TRACESTATE: 'a=1', BAGGAGE: 'b=1' };
    expect(sh(line, env)).not.toMatch(/TRACE|BAGGAGE/);
  });
});
