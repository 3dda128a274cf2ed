/**
 * The command line front: `workbench ACTION… [FILE…] [--reason TEXT] [--json]`. What it adds for correlation is
 * `correlateCli`: the whole process is one request, caused by whatever `TRACEPARENT` names.
 */
import { parseArgs } from 'node:util';
import { logFields } from 'throughline';
import { correlateCli } from 'throughline/cli';
import {
  actionNames,
  isActionName,
  summaryOf,
  type ActionName,
  type Finding,
  type RunParams,
  type RunResult,
} from '../actions.js';
import { connectToWorkspaceManager, type RunOptions, type WorkspaceManager } from './connect.js';

const usage = `usage: workbench ACTION... [FILE...] [--reason TEXT] [--json]
actions: ${actionNames.join(', ')}`;

const exitOk = 0;
const exitFindings = 1;
const exitUsage = 2;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      reason: { type: 'string' },
      json: { type: 'boolean' },
      'wait-ms': { type: 'string' },
    },
  });
  const actions = positionals.filter(isActionName);
  const files = positionals.filter((word) => !isActionName(word));
  if (actions.length === 0) {
    process.stderr.write(`${usage}\n`);
    return exitUsage;
  }
  const options: Omit<RunParams, 'action'> = {
    ...(files.length === 0 ? {} : { files }),
    ...(values.reason === undefined ? {} : { reason: values.reason }),
    ...(values['wait-ms'] === undefined ? {} : { waitMs: Number(values['wait-ms']) }),
  };
  const isJson = values.json === true;
  const workspaceManager = await connectToWorkspaceManager();
  const results = await ask(workspaceManager, actions, options, isJson ? {} : { onFindings: print })
    // An open connection would keep this process alive.
    .finally(() => workspaceManager.close());
  for (const result of results) {
    const text = isJson ? JSON.stringify({ ...result, request: logFields() }) : summaryOf(result);
    process.stdout.write(`${text}\n`);
  }
  return results.every((result) => result.ok) ? exitOk : exitFindings;
}

/** One action is one run; several are one batch of runs. */
async function ask(
  workspaceManager: WorkspaceManager,
  actions: readonly ActionName[],
  params: Omit<RunParams, 'action'>,
  options: RunOptions,
): Promise<readonly RunResult[]> {
  const runs = actions.map((action) => ({ ...params, action }));
  const [only, ...more] = runs;
  return only !== undefined && more.length === 0
    ? [await workspaceManager.run(only, options)]
    : workspaceManager.runBatch({ runs }, options);
}

function print(findings: readonly Finding[]): void {
  for (const { file, line, column, severity, message } of findings) {
    process.stdout.write(`${file}:${line}:${column} ${severity}: ${message}\n`);
  }
}

correlateCli({ name: 'workbench' });
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`workbench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = exitUsage;
}
