/** A tool on citty: each command's `setup` runs before its `run`. */
import { spawnSync } from 'node:child_process';
import { defineCommand, runMain } from 'citty';
import { correlateCli, type CliCorrelation } from 'throughline/cli';

const version = '1.2.0';
let cli: CliCorrelation | undefined;

const format = defineCommand({
  meta: { name: 'format', description: 'formats a file' },
  args: { file: { type: 'positional', required: true } },
  setup() {
    cli = correlateCli({ name: 'workbench format', version });
  },
  run({ args }) {
    const tool = `console.log(process.env.TRACEPARENT, process.env.TRACESTATE, ${JSON.stringify(args.file)})`;
    const env = { ...process.env, ...cli?.childEnv() };
    spawnSync(process.execPath, ['-e', tool], { stdio: 'inherit', env });
  },
});

await runMain(defineCommand({ meta: { name: 'workbench', version }, subCommands: { format } }));
