/** What a record says of a command line: the command's name and how many arguments; the arguments only if asked. */
import { basename } from 'node:path';
import { cut, nameCharsMax } from '../bounds.js';
import { redactSecrets } from '../failure.js';
import type { JsonObject } from '../../wal/index.js';

const argumentsMax = 64;
const argumentCharsMax = 512;
const secretFlag =
  /^--?(?:.*[-_])?(?:password|passwd|secret|token|credential|api[-_]?key|authorization)$/i;

export function commandName(file: string): string {
  return cut(basename(file), nameCharsMax);
}

/** `{name, arguments, argv?}`: the first 64 arguments of at most 512 characters each, secrets taken out. */
export function describeCommand(
  file: string,
  args: readonly string[],
  keepsArguments: boolean,
): JsonObject {
  const described = { name: commandName(file), arguments: args.length };
  if (!keepsArguments) return described;
  const argv = args
    .slice(0, argumentsMax)
    .map((argument, index) =>
      secretFlag.test(args[index - 1] ?? '')
        ? '[redacted]'
        : cut(redactSecrets(cut(argument, 4 * argumentCharsMax)), argumentCharsMax),
    );
  return { ...described, argv };
}
