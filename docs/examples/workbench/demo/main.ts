/**
 * `npm run demo [-- --root DIR]`: a real platform on a real workspace, driven by real clients, and then the question
 * whether every id arrived where it must. Exit code 0 only if all did. The streams stay where the last lines say.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Asked } from './asked.js';
import { burst, type Fronts } from './bursts.js';
import { crash, type Crash } from './crash.js';
import { installWorkbench } from './drive-cli.js';
import { startLsp } from './drive-lsp.js';
import { startMcp } from './drive-mcp.js';
import { program, repository, startPlatform, type Platform } from './platform.js';
import { progress, say } from './screen.js';
import { tellStory } from './story.js';
import { readEntries } from './streams.js';
import { verify, type Check } from './verify.js';
import { copyWorkspace, type Workspace } from './workspace.js';

const sizes = { mcp: 24, lsp: 24, opened: 4, cli: 8 };

interface Happened {
  readonly asked: readonly Asked[];
  readonly crash: Crash;
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({ options: { root: { type: 'string' } } });
  const scratch = mkdtempSync(join(tmpdir(), 'throughline-demo-'));
  const root = values.root === undefined ? join(scratch, 'streams') : resolve(values.root);
  progress("copying this repository's own source as the workspace");
  const workspace = copyWorkspace(repository, join(scratch, 'workspace'));
  progress('starting the workspace manager');
  const nodeOptions =
    process.env['WORKBENCH_DEMO_FAULT'] === undefined
      ? []
      : [`--import=${program('demo/faults.js')}`];
  const platform = await startPlatform({ workspace: workspace.directory, root, nodeOptions });
  const happened = await drive(platform, workspace, join(scratch, 'bin'));
  return report(root, workspace, happened);
}

async function drive(platform: Platform, workspace: Workspace, bin: string): Promise<Happened> {
  const { frontEnv, root } = platform;
  const [mcp, lsp] = await Promise.all([startMcp(frontEnv), startLsp(frontEnv)]);
  const fronts: Fronts = { mcp, lsp, shell: installWorkbench(bin, frontEnv) };
  try {
    progress(
      `an agent, an editor and a shell ask at once: ${Object.values(sizes).join(' + ')} requests`,
    );
    const asked = await burst(fronts, workspace, sizes);
    progress('an agent waits for a run; its runner is killed');
    const crashed = await crash(mcp, root);
    return { asked, crash: crashed };
  } finally {
    progress('stopping');
    await Promise.all([mcp.close(), lsp.close()]);
    await platform.stop();
  }
}

async function report(root: string, workspace: Workspace, happened: Happened): Promise<boolean> {
  progress('reading the streams');
  const entries = await readEntries([root]);
  const isToldRight = await tellStory({ root, workspace, ...happened });
  let isRight = isToldRight;
  for (const front of ['mcp', 'lsp', 'cli'] as const) {
    const asked = happened.asked.filter((one) => one.front === front);
    for (const check of verify(entries, asked)) {
      print(front, check);
      if (check.wrong.length > 0 || check.counted === 0) isRight = false;
    }
  }
  say();
  say(isRight ? 'Every id arrived where it must.' : 'NOT every id arrived where it must.');
  return isRight;
}

function print(front: string, { title, counted, wrong }: Check): void {
  const verdict = wrong.length === 0 && counted > 0 ? 'ok   ' : 'WRONG';
  say(`${verdict} ${front} ${String(counted).padStart(5)} ${title}`);
  for (const sentence of wrong.slice(0, 3)) say(`        ${sentence}`);
  if (wrong.length > 3) say(`        … and ${wrong.length - 3} more`);
}

process.exitCode = (await main()) ? 0 : 1;
