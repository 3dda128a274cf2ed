/** Help, from the command table. */
import type { Command, Option } from './command.js';

/** `throughline --help`. */
export function helpForAll(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => titleOf(command).length));
  return [
    'throughline: which request did this, did it finish, and what was in flight when it died?',
    '',
    'usage: throughline COMMAND [OPTION…]',
    '',
    ...commands.map((command) => `  ${titleOf(command).padEnd(width)}  ${command.summary}`),
    '',
    'throughline COMMAND --help says more. Exit codes: 0 ok, 1 finding, 2 usage, 3 unreadable.',
    '',
  ].join('\n');
}

/** `throughline COMMAND --help`. */
export function helpFor(command: Command): string {
  const options: readonly Option[] = [
    ...command.options,
    { name: 'help', short: 'h', help: 'this text' },
  ];
  const spelled = options.map((option) => {
    const short = option.short === undefined ? '' : `-${option.short}, `;
    return `${short}--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`;
  });
  const width = Math.max(...spelled.map((text) => text.length));
  return [
    `usage: throughline ${command.name} ${command.usage}`.trimEnd(),
    '',
    `${command.summary}.`,
    ...(command.details ?? []),
    '',
    ...options.map((option, index) => `  ${(spelled[index] ?? '').padEnd(width)}  ${option.help}`),
    '',
  ].join('\n');
}

function titleOf(command: Command): string {
  return command.takesCommand === true
    ? `${command.name} -- COMMAND`
    : `${command.name} ${command.usage}`.trimEnd();
}
