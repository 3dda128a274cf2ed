/** What a command is. Loads nothing of any command. */
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
  /** Options of other commands that people try here, with the sentence that says where to go. */
  readonly elsewhere?: Readonly<Record<string, string>>;
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
