/** Completion for zsh: for a directory of `fpath`, or to be evaluated after `compinit`. Starts no process. */
import type { Command, Option } from '../command.js';
import { argumentOffer, help, offerOf, quoted, secondWord, words, type Offer } from './model.js';

export function zshCompletion(commands: readonly Command[]): string {
  const byFirst = words(commands);
  const firsts = [...byFirst].map(([first, members]) => {
    const [only] = members;
    const isOne = members.length === 1 && only !== undefined && secondWord(only) === undefined;
    return description(
      first,
      isOne ? only.summary : members.map((one) => secondWord(one)).join(', '),
    );
  });
  const pairs = [...byFirst].filter(([, members]) => members.some((one) => secondWord(one)));
  return `#compdef throughline
# zsh completion for throughline: a file _throughline in a directory of fpath, or eval it after compinit.
_throughline() {
  local -a throughline_words
  local throughline_command=$words[2]
  local -i throughline_at=2
  if (( CURRENT == 2 )); then
    throughline_words=(
${firsts.map((one) => `      ${one}`).join('\n')}
    )
    _describe -t commands 'throughline command' throughline_words
    return
  fi
  case $words[2] in
${pairs.map(([first, members]) => second(first, members)).join('\n')}
  esac
  words=("\${(@)words[throughline_at,-1]}")
  (( CURRENT -= throughline_at - 1 ))
  throughline_at=\${words[(i)--]}
  if (( throughline_at < CURRENT )); then
    words=("\${(@)words[throughline_at+1,-1]}")
    (( CURRENT -= throughline_at ))
    _normal
    return
  fi
  case $throughline_command in
${commands.map((command) => commandCase(command)).join('\n')}
  esac
}
if [[ $funcstack[1] == _throughline ]]; then
  _throughline "$@"
else
  compdef _throughline throughline
fi
`;
}

function second(first: string, members: readonly Command[]): string {
  const seconds = members.flatMap((one) => {
    const word = secondWord(one);
    return word === undefined ? [] : [description(word, one.summary)];
  });
  return `    (${first})
      if (( CURRENT == 3 )); then
        throughline_words=(${seconds.join(' ')})
        _describe -t commands 'throughline ${first} command' throughline_words
        return
      fi
      throughline_command="$words[2] $words[3]"
      throughline_at=3
      ;;`;
}

function commandCase(command: Command): string {
  const { min, max } = command.arguments;
  const specs = [...command.options, help].map((option) => optionSpec(option));
  const action = actionOf(argumentOffer(command));
  const label = command.usage.split(' ').find((word) => !word.startsWith('[')) ?? 'argument';
  if (max > 0 && max <= 2) {
    for (let at = 1; at <= max; at += 1) {
      specs.push(quoted(`${at}:${at > min ? ':' : ''}${escaped(label)}:${action}`));
    }
  } else if (max > 2) {
    specs.push(quoted(`*:argument:${action}`));
  }
  return `    (${quoted(command.name)})
      _arguments ${specs.join(' \\\n        ')}
      ;;`;
}

function optionSpec(option: Option): string {
  const isAgain = option.isRepeatable === true;
  const value =
    option.value === undefined ? '' : `:${escaped(option.value)}:${actionOf(offerOf(option))}`;
  const text = `[${escaped(option.help)}]${value}`;
  const long = `--${option.name}${option.value === undefined ? '' : '='}`;
  if (option.short === undefined) return quoted(`${isAgain ? '*' : ''}${long}${text}`);
  const both = `(-${option.short} --${option.name})`;
  return `${quoted(both)}{-${option.short},${long}}${quoted(text)}`;
}

function actionOf(offer: Offer): string {
  if (offer === 'nothing') return '()';
  if (offer === 'directory') return '_files -/';
  return offer === 'file' ? '_files' : `(${offer.join(' ')})`;
}

/** One word of \`_describe\`. */
function description(word: string, text: string): string {
  return quoted(`${word}:${text}`);
}

function escaped(text: string): string {
  return text.replace(/[[\]:\\]/g, (character) => `\\${character}`);
}
