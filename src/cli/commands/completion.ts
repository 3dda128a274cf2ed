/** `throughline completion`: prints a shell's completion script, made from the command table. Reads nothing. */
import { exitCode, UsageError, type Command, type CommandModule } from '../command.js';
import { bashCompletion } from '../completion/bash.js';
import { fishCompletion } from '../completion/fish.js';
import { zshCompletion } from '../completion/zsh.js';

const scripts: ReadonlyMap<string, typeof bashCompletion> = new Map([
  ['bash', bashCompletion],
  ['zsh', zshCompletion],
  ['fish', fishCompletion],
]);

/** The table is handed in: it is in the bundle already, and this file is not. */
export function completionOf(commands: readonly Command[]): CommandModule {
  return {
    execute: async (given) => {
      const shell = given.arguments[0] ?? '';
      const script = scripts.get(shell);
      if (script === undefined) {
        throw new UsageError(`there is completion for bash, zsh and fish, not for "${shell}"`);
      }
      process.stdout.write(script(commands));
      return exitCode.ok;
    },
  };
}
