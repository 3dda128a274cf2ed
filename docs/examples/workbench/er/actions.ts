/** What the actions do. Each gets the run it belongs to and says through it which files it changed. */
import { readFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from 'throughline/hook';
import type { ActionName, Finding, RunParams, RunResult } from '../actions.js';
import { readOxlint, readTsc, runTool } from './tools.js';

export interface ActionCall {
  readonly workspace: string;
  readonly params: RunParams;
  readonly run: Run;
  readonly signal: AbortSignal;
  /** Runs another action through the WM, in whichever environment it belongs to. */
  readonly ask: (params: RunParams) => Promise<RunResult>;
}

const waitMsDefault = 1000;

export const actions: Readonly<Record<ActionName, (call: ActionCall) => Promise<RunResult>>> = {
  lint,
  format,
  typecheck,
  check,
  wait,
};

async function lint(call: ActionCall): Promise<RunResult> {
  const { workspace, signal } = call;
  const args = ['--format', 'json', ...filesOf(call)];
  const { stdout } = await runTool({ workspace, tool: 'oxlint', args, signal });
  return resultOf('lint', readOxlint(stdout));
}

/** Formatting runs queue up, so that the content before and after is what this run found and left. */
let formatting: Promise<unknown> = Promise.resolve();

function format(call: ActionCall): Promise<RunResult> {
  // A promise chain keeps each caller's context; a queue that one loop drains would give all of them the first one's.
  const done = formatting.then(() => formatNow(call));
  formatting = done.catch(() => undefined);
  return done;
}

async function formatNow(call: ActionCall): Promise<RunResult> {
  const { workspace, signal, run } = call;
  const list = ['--list-different', ...filesOf(call)];
  const { stdout } = await runTool({ workspace, tool: 'oxfmt', args: list, signal });
  const changed = stdout.split('\n').filter((line) => line !== '');
  if (changed.length === 0) return resultOf('format', []);
  const before = await Promise.all(changed.map((file) => readFile(join(workspace, file))));
  await runTool({ workspace, tool: 'oxfmt', args: changed, signal });
  for (const [index, file] of changed.entries()) {
    const path = join(workspace, file);
    await run.touched(path, { before: before[index] ?? null, after: await readFile(path) });
  }
  return { ...resultOf('format', []), changed };
}

async function typecheck({ workspace, signal }: ActionCall): Promise<RunResult> {
  const args = ['--noEmit', '--pretty', 'false', '-p', '.'];
  const { stdout } = await runTool({ workspace, tool: 'tsc', args, signal });
  return resultOf('typecheck', readTsc(stdout));
}

/** The other three, each through the WM again: this runner does not know where they run. */
async function check({ params, ask }: ActionCall): Promise<RunResult> {
  // The token is the asker's and means nothing to the WM.
  const { partialResultToken: _, ...rest } = params;
  const parts = await Promise.all(
    (['lint', 'format', 'typecheck'] as const).map((action) => ask({ ...rest, action })),
  );
  return {
    action: 'check',
    ok: parts.every((part) => part.ok),
    found: parts.reduce((sum, part) => sum + part.found, 0),
    findings: parts.flatMap((part) => part.findings),
    changed: parts.flatMap((part) => part.changed),
  };
}

async function wait({ params, signal }: ActionCall): Promise<RunResult> {
  await sleep(params.waitMs ?? waitMsDefault, undefined, { signal });
  return resultOf('wait', []);
}

function resultOf(action: ActionName, findings: readonly Finding[]): RunResult {
  const ok = findings.every((finding) => finding.severity !== 'error');
  return { action, ok, found: findings.length, findings, changed: [] };
}

/** The files asked for, or everything. A path that leads out of the workspace, or looks like an option, is refused. */
function filesOf({ workspace, params }: ActionCall): readonly string[] {
  const files = (params.files ?? []).map((file) =>
    isAbsolute(file) ? relative(workspace, file) : file,
  );
  for (const file of files) {
    if (file.startsWith('-') || relative(workspace, join(workspace, file)).startsWith('..')) {
      throw new Error(`not a path below the workspace: ${file}`);
    }
  }
  return files.length === 0 ? ['.'] : files;
}
