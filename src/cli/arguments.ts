/** How a command's arguments are read. Loads nothing of any command. */
import { parseArgs } from 'node:util';
import { UsageError, type Command, type Given } from './command.js';
import { optionMistake } from './wrong-option.js';

/** Reads a command's arguments. Throws `UsageError`. */
export function readArguments(command: Command, argv: readonly string[]): Given {
  const dashes = command.takesCommand === true ? argv.indexOf('--') : -1;
  const own = dashes === -1 ? argv : argv.slice(0, dashes);
  const parsed = parse(command, own);
  const { min, max } = command.arguments;
  const count = parsed.positionals.length;
  if (parsed.values['help'] !== true && (count < min || count > max)) {
    const problem =
      count < min
        ? 'an argument is missing'
        : command.takesCommand === true
          ? 'the command belongs behind --'
          : 'there are too many arguments';
    throw new UsageError(`${problem}: throughline ${command.name} ${command.usage}`.trimEnd());
  }
  const read = (name: string): readonly string[] => {
    const value = parsed.values[name];
    if (value === undefined || typeof value === 'boolean') return [];
    return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
  };
  // An empty variable in a script must not mean some other root.
  if (read('root').includes('')) {
    throw new UsageError(
      `--root is empty: it names a directory (see throughline ${command.name} --help)`,
    );
  }
  return {
    arguments: parsed.positionals,
    command: dashes === -1 ? [] : argv.slice(dashes + 1),
    flag: (name) => parsed.values[name] === true,
    value: (name) => read(name).at(-1),
    values: read,
  };
}

type Parsed = ReturnType<typeof parseArgs>;

function parse(command: Command, argv: readonly string[]): Parsed {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string; multiple: boolean }> =
    { help: { type: 'boolean', short: 'h', multiple: false } };
  for (const option of command.options) {
    options[option.name] = {
      type: option.value === undefined ? 'boolean' : 'string',
      ...(option.short === undefined ? {} : { short: option.short }),
      multiple: option.isRepeatable === true,
    };
  }
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(optionMistake(command, argv, error), { cause: error });
  }
}
