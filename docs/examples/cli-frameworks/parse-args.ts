/** A command-line tool on Node's own `parseArgs`. One call correlates it; what it starts is told with `childEnv()`. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { correlateCli } from 'throughline/cli';

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [command = 'help', file = ''] = positionals;

// Once the subcommand is known, and before any work: from here on the whole process has this context.
const cli = correlateCli({ name: `workbench ${command}`, version: '1.2.0' });

if (command === 'format') {
  const tool = `console.log(process.env.TRACEPARENT, process.env.TRACESTATE, ${JSON.stringify(file)})`;
  const { status } = spawnSync(process.execPath, ['-e', tool], {
    stdio: 'inherit',
    env: { ...process.env, ...cli.childEnv() },
  });
  process.exitCode = values.check ? 1 : (status ?? 1);
} else {
  console.log('usage: workbench format [--check] FILE');
}
