/** The story as its reader gets it: the real CLI on the streams the demo left behind. */
import { join } from 'node:path';
import type { Asked } from './asked.js';
import type { Crash } from './crash.js';
import { throughline, type Outcome } from './drive-cli.js';
import { plainEnv } from './platform.js';
import { say } from './screen.js';
import type { Workspace } from './workspace.js';

export interface Story {
  readonly root: string;
  readonly workspace: Workspace;
  readonly asked: readonly Asked[];
  readonly crash: Crash;
}

const linesMax = 16;
const findingExitCode = 1;

/** Tells it. False when a command failed, or when the lost run is not named as what is in flight. */
export async function tellStory({ root, workspace, asked, crash }: Story): Promise<boolean> {
  const outcomes: Outcome[] = [await tell(['runs', '--root', root])];
  for (const front of ['mcp', 'lsp', 'cli'] as const) {
    const one = asked.find((request) => request.front === front && request.actions[0] === 'check');
    if (one !== undefined)
      outcomes.push(await tell(['show', shortId(one.told.correlation_id), '--root', root]));
  }
  const formatted = join(workspace.directory, workspace.untidy[2] ?? '');
  outcomes.push(await tell(['who', formatted, '--root', root]));
  const inflight = await tell(['inflight', '--root', root]);
  say('To go on:');
  for (const command of ['runs', 'show @0', 'inflight', 'records @0', `who ${formatted}`]) {
    say(`  npx throughline ${command} --root ${root}`);
  }
  say();
  const isLostNamed =
    inflight.exitCode === findingExitCode &&
    inflight.stdout.includes(shortId(crash.told.correlation_id));
  return isLostNamed && outcomes.every(({ exitCode }) => exitCode === 0);
}

/** Runs one throughline command and shows what it printed. */
async function tell(args: readonly string[]): Promise<Outcome> {
  const outcome = await throughline(args, plainEnv());
  say(`$ throughline ${args.join(' ')}`);
  const lines = `${outcome.stdout}${outcome.stderr}`.trimEnd().split('\n');
  for (const line of lines.slice(0, linesMax)) say(`  ${line}`);
  if (lines.length > linesMax) say(`  … and ${lines.length - linesMax} lines more`);
  say();
  return outcome;
}

/** The last characters of a ULID: the first ones are time. */
function shortId(correlationId: string | undefined): string {
  return (correlationId ?? '').slice(-7);
}
