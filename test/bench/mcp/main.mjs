/**
 * What correlating an MCP tool call costs, in one process, beside the bare SDK and OpenTelemetry's span path.
 *
 *   node test/bench/mcp/main.mjs [--quick] [--sdk 1|2] [--rounds N]
 *
 * Nothing here passes or fails: a busy machine must not turn anything red. Needs a built repository.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = fileURLToPath(new URL('./', import.meta.url));
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    sdk: { type: 'string', default: '1,2' },
    rounds: { type: 'string' },
  },
});
const rounds = values.rounds ?? (values.quick ? '60' : '400');

if (!existsSync(`${here}node_modules/@modelcontextprotocol/server`)) {
  const shell = process.platform === 'win32';
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: here,
    stdio: 'inherit',
    shell,
  });
  if (status !== 0) process.exit(1);
}
const [{ model }] = cpus();
console.log(`Node ${process.version}, ${model}, load ${loadavg()[0].toFixed(1)}, ${rounds} rounds`);
// Each SDK in a process of its own: what one of them compiles must not change the other.
for (const sdk of values.sdk.split(',')) {
  const { status } = spawnSync(process.execPath, [`${here}rounds.mjs`, sdk, rounds], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
