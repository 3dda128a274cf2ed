/** A tool on yargs: a middleware runs once the subcommand is known, and before its handler. */
import { spawnSync } from 'node:child_process';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { correlateCli, type CliCorrelation } from 'throughline/cli';

const version = '1.2.0';
let cli: CliCorrelation | undefined;

await yargs(hideBin(process.argv))
  .scriptName('workbench')
  .version(version)
  .middleware(({ _: [command] }) => {
    cli = correlateCli({ name: `workbench ${String(command)}`, version });
  })
  .command(
    'format <file>',
    'formats a file',
    (builder) => builder.positional('file', { type: 'string', demandOption: true }),
    ({ file }) => {
      const tool = `console.log(process.env.TRACEPARENT, process.env.TRACESTATE, ${JSON.stringify(file)})`;
      const env = { ...process.env, ...cli?.childEnv() };
      spawnSync(process.execPath, ['-e', tool], { stdio: 'inherit', env });
    },
  )
  .strict()
  .parseAsync();
