/** A tool on commander: the hook runs once the subcommand is known, and before its action. */
import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { correlateCli, type CliCorrelation } from 'throughline/cli';

const version = '1.2.0';
let cli: CliCorrelation | undefined;

const program = new Command('workbench').version(version);
program.hook('preAction', (_, action) => {
  cli = correlateCli({ name: `${program.name()} ${action.name()}`, version });
});
program
  .command('format')
  .argument('<file>')
  .action((file: string) => {
    const tool = `console.log(process.env.TRACEPARENT, process.env.TRACESTATE, ${JSON.stringify(file)})`;
    const env = { ...process.env, ...cli?.childEnv() };
    spawnSync(process.execPath, ['-e', tool], { stdio: 'inherit', env });
  });

await program.parseAsync();
