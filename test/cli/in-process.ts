/** A command in this process, with what it printed: for tests that call thousands. What a terminal adds is not here. */
import { readArguments } from '../../src/cli/arguments.js';
import { commands } from '../../src/cli/table.js';

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `throughline ...args`; rejects with what the command throws, which `main.ts` makes a sentence of. */
export async function call(...args: readonly string[]): Promise<Said> {
  const command = commands.find(({ name }) => args[0] === name);
  if (command === undefined) throw new Error(`no command ${args[0]}`);
  const { execute } = await command.load();
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  try {
    const code = await execute(readArguments(command, args.slice(1)));
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.release();
    stderr.release();
  }
}

/** Keeps what is written to the stream from it, until it is released. */
function capture(stream: NodeJS.WriteStream): { text(): string; release(): void } {
  const before = Object.getOwnPropertyDescriptor(stream, 'write');
  const parts: Buffer[] = [];
  const write = (data: string | Uint8Array): boolean => {
    parts.push(Buffer.from(data));
    return true;
  };
  Object.defineProperty(stream, 'write', { value: write, configurable: true, writable: true });
  return {
    text: () => Buffer.concat(parts).toString('utf8'),
    release: () => {
      if (before === undefined) Reflect.deleteProperty(stream, 'write');
      else Object.defineProperty(stream, 'write', before);
    },
  };
}
