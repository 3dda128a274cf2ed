/** What is wrong with an option, as one sentence that says what to write instead. Node's own say it to programmers. */
import type { Command, Option } from './command.js';
import { nearest } from './did-you-mean.js';

/** `error` is what `parseArgs` of Node threw; one that is not known is told in its own words. */
export function optionMistake(command: Command, argv: readonly string[], error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = String(message ?? error);
  const [, written = ''] = /'(-[^' ,=]*)/.exec(text) ?? [];
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return unknownOption(command, argv, written);
  const option = command.options.find(
    ({ name, short }) => `--${name}` === written || `-${short}` === written,
  );
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' && option !== undefined) {
    return `${valueMistake(option, argv, written)} (${seeHelp(command)})`;
  }
  // The first sentence; what follows is advice about `--`.
  const [sentence = text] = text.split(/\. (?=[A-Z])|\n/);
  return `${sentence} (${seeHelp(command)})`;
}

function unknownOption(command: Command, argv: readonly string[], written: string): string {
  const elsewhere = command.elsewhere?.[written];
  if (elsewhere !== undefined) return elsewhere;
  // `-root`, of which Node takes the first letter for an option.
  const whole = written.startsWith('--')
    ? written
    : `-${argv.find((one) => one.startsWith(written)) ?? written}`;
  const isPosition = command.arguments.offer === 'run' && /^--\d+$/.test(whole);
  const names = ['help', ...command.options.map(({ name }) => name)];
  const found = isPosition
    ? [`@${whole.slice(1)}`]
    : nearest(whole.slice(2), names).map((name) => `--${name}`);
  const meant = found.length === 0 ? '' : `, did you mean ${found.join(' or ')}?`;
  return `${command.name} has no option ${isPosition ? whole.slice(1) : written}${meant} (${seeHelp(command)})`;
}

function valueMistake({ name, value }: Option, argv: readonly string[], written: string): string {
  if (value === undefined) return `--${name} takes no value`;
  const next = argv[argv.indexOf(written) + 1];
  return next === undefined || next === '--'
    ? `--${name} needs a value: --${name} ${value}`
    : `--${name} needs a value, and "${next.slice(0, 40)}" looks like an option: --${name}=${value}`;
}

function seeHelp(command: Command): string {
  return `see throughline ${command.name} --help`;
}
