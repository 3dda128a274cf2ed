/** What a command is, and how its arguments are read. Loads nothing of any command. */
import { parseArgs } from 'node:util';

/** The documented exit codes. What runs a command has 125 for our own usage errors; its others are the child's. */
export const exitCode = { ok: 0, finding: 1, usage: 2, unreadable: 3, runUsage: 125 } as const;

export interface Option {
  readonly name: string;
  readonly short?: string;
  /** The value's name in help; without one the option is a switch. */
  readonly value?: string;
  readonly isRepeatable?: boolean;
  /** All the values there are; completion offers them. */
  readonly values?: readonly string[];
  readonly help: string;
}

/** Headings of the help. A command without one is for programs: it starts one, or changes how one is started. */
export type Group = 'requests' | 'streams' | 'ids';

export interface Command {
  /** One word or two. */
  readonly name: string;
  /** What stands behind the command's name. */
  readonly usage: string;
  readonly summary: string;
  readonly group?: Group;
  /** More of help, in paragraphs. */
  readonly details?: readonly string[];
  readonly options: readonly Option[];
  /** How many arguments there may be, and what completion offers for them. */
  readonly arguments: {
    readonly min: number;
    readonly max: number;
    readonly offer?: 'run' | 'file' | readonly string[];
  };
  /** What exit code 1 means; without it the command does not use that code. */
  readonly finding?: string;
  /** The JSON Schemas of what `--json` prints, in docs/schemas. */
  readonly schemas?: readonly string[];
  /** Command lines and what they do. */
  readonly examples?: readonly (readonly [command: string, does: string])[];
  /** True: it serves until its input ends, and says what cannot be read to whoever asks. */
  readonly isServer?: boolean;
  /** True: everything behind `--` is somebody else's command line. */
  readonly takesCommand?: boolean;
  readonly load: () => Promise<CommandModule>;
}

export interface CommandModule {
  /** Runs the command; resolves with the exit code. Throws `UsageError` and `ThroughlineError`. */
  readonly execute: (given: Given) => Promise<number>;
}

/** The arguments, read. */
export interface Given {
  readonly arguments: readonly string[];
  /** What stood behind `--` of a command that takes a command. */
  readonly command: readonly string[];
  readonly flag: (name: string) => boolean;
  readonly value: (name: string) => string | undefined;
  readonly values: (name: string) => readonly string[];
}

/** The command line is wrong: one sentence, no stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

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
    // Node's message says which option is wrong and then gives advice about `--`; the first sentence is enough.
    const message = error instanceof Error ? error.message : String(error);
    const [sentence] = message.split(/\. (?=[A-Z])|\n/);
    throw new UsageError(`${sentence ?? message} (see throughline ${command.name} --help)`, {
      cause: error,
    });
  }
}
