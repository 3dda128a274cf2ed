/**
 * `npm run demo [-- --root DIR]`: a real platform on a real workspace, driven by real clients, and then the question
 * whether every id arrived where it must. Exit code 0 only if all did. The streams stay where the last lines say.
 * `--small` asks less of a smaller workspace; the tests use it.
 */
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Asked } from './asked.js';
import { burst, type Fronts, type Sizes } from './bursts.js';
import { crash, type Crash } from './crash.js';
import { installWorkbench } from './drive-cli.js';
import { startLsp } from './drive-lsp.js';
import { startMcp } from './drive-mcp.js';
import { program, repository, startPlatform, type Platform } from './platform.js';
import { progress, say, tick } from './screen.js';
import { tellStory } from './story.js';
import { watchStreams, type Streams } from './streams.js';
import { verify, type Check } from './verify.js';
import { copyWorkspace, type Workspace } from './workspace.js';

const large = { sizes: { mcp: 24, lsp: 24, opened: 4, cli: 8 }, folders: ['src', 'adapters'] };
const small = { sizes: { mcp: 6, lsp: 6, opened: 1, cli: 4 }, folders: ['src/context'] };

interface Stage {
  readonly platform: Platform;
  readonly streams: Streams;
  readonly workspace: Workspace;
  readonly sizes: Sizes;
  /** Where `workbench` is put. */
  readonly bin: string;
}

interface Happened {
  readonly asked: readonly Asked[];
  readonly crash: Crash;
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: { root: { type: 'string' }, small: { type: 'boolean' } },
  });
  const { sizes, folders } = values.small === true ? small : large;
  const scratch = mkdtempSync(join(tmpdir(), 'throughline-demo-'));
  const root = values.root === undefined ? join(scratch, 'streams') : resolve(values.root);
  requireWritable(root);
  progress("copying this repository's own source as the workspace");
  const workspace = copyWorkspace(repository, join(scratch, 'workspace'), folders);
  const streams = await watchStreams(root);
  progress('starting the workspace manager');
  const platform = await startPlatform({
    workspace: workspace.directory,
    root,
    // How a test shows that this program can fail.
    nodeOptions:
      process.env['WORKBENCH_DEMO_FAULT'] === undefined
        ? []
        : [`--import=${program('demo/faults.js')}`],
  });
  const happened = await drive({ platform, streams, workspace, sizes, bin: join(scratch, 'bin') });
  return report(streams, workspace, happened);
}

/** A host whose root cannot be written works on and records nothing; here that would be a minute for nothing. */
function requireWritable(root: string): void {
  try {
    // Not made here: a recursive mkdir of Node 20 never returns from below /proc.
    let nearest = root;
    while (!existsSync(nearest)) nearest = dirname(nearest);
    rmdirSync(mkdtempSync(join(nearest, '.probe-')));
  } catch (error) {
    throw new Error(`nothing can be written to ${root}; name another place with --root DIR`, {
      cause: error,
    });
  }
}

async function drive(stage: Stage): Promise<Happened> {
  const { platform, streams, workspace, sizes, bin } = stage;
  const { frontEnv } = platform;
  const [mcp, lsp] = await Promise.all([startMcp(frontEnv), startLsp(frontEnv)]);
  const fronts: Fronts = { mcp, lsp, shell: installWorkbench(bin, frontEnv) };
  try {
    const total = sizes.mcp + sizes.lsp + sizes.opened + sizes.cli;
    progress(`an agent, an editor and a shell ask for ${total} things at once`);
    let told = 0;
    const asked = await burst(fronts, workspace, sizes, () => {
      told += 1;
      tick(`an agent, an editor and a shell ask at once: ${told} of ${total} answered`);
    });
    progress('an agent waits for a run; its runner is killed');
    return { asked, crash: await crash(mcp, streams) };
  } finally {
    progress('stopping');
    await Promise.all([mcp.close(), lsp.close()]);
    await platform.stop();
  }
}

async function report(
  streams: Streams,
  workspace: Workspace,
  happened: Happened,
): Promise<boolean> {
  progress('reading the streams');
  let isRight = await tellStory({ root: streams.root, workspace, ...happened });
  const entries = await streams.read();
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
  const right = String(counted - wrong.length).padStart(5);
  say(`${verdict} ${front} ${right} of ${String(counted).padStart(3)} ${title}`);
  for (const sentence of wrong.slice(0, 3)) say(`        ${sentence}`);
  if (wrong.length > 3) say(`        … and ${wrong.length - 3} more`);
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  say(`the demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
