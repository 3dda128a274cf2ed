/** Completion for bash, from 3.2 on: one function with everything in it, which starts no process. */
import type { Command, Option } from '../command.js';
import { argumentOffer, help, offerOf, secondWord, words, type Offer } from './model.js';

export function bashCompletion(commands: readonly Command[]): string {
  const byFirst = words(commands);
  const pairs = [...byFirst].filter(([, members]) => members.some((one) => secondWord(one)));
  return `# bash completion for throughline. For ~/.bashrc: eval "$(throughline completion bash)"
_throughline_offer() {
  local reply
  while IFS= read -r reply; do COMPREPLY+=("$reply"); done < <(compgen "$@")
}

_throughline() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} first=\${COMP_WORDS[1]}
  local command=$first at
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _throughline_offer -W '${[...byFirst.keys(), 'help', '--help', '--version'].join(' ')}' -- "$cur"
    return
  fi
  case $first in
${pairs.map(([first, members]) => second(first, members)).join('\n')}
  esac
  for ((at = 2; at < COMP_CWORD; at++)); do
    [[ \${COMP_WORDS[at]} == -- ]] || continue
    if declare -F _command_offset > /dev/null; then _command_offset $((at + 1)); return; fi
    if ((at + 1 == COMP_CWORD)); then _throughline_offer -c -- "$cur"; else _throughline_offer -f -- "$cur"; fi
    return
  done
  case "$command $prev" in
${commands.flatMap((command) => valueCases(command)).join('\n')}
  esac
  case $command in
${commands.map((command) => commandCase(command)).join('\n')}
  esac
}
complete -F _throughline throughline
`;
}

function second(first: string, members: readonly Command[]): string {
  const seconds = members.flatMap((one) => secondWord(one) ?? []);
  return `    ${first})
      if ((COMP_CWORD == 2)); then _throughline_offer -W '${seconds.join(' ')}' -- "$cur"; return; fi
      command="$first \${COMP_WORDS[2]}"
      ;;`;
}

function valueCases(command: Command): readonly string[] {
  return command.options
    .filter((option) => option.value !== undefined)
    .map((option) => {
      const spelled = spellings(option).map((text) => `'${command.name} ${text}'`);
      return `    ${spelled.join('|')}) ${offered(offerOf(option))}return ;;`;
    });
}

function commandCase(command: Command): string {
  const options = [...command.options, help].flatMap((option) => spellings(option));
  const dashes = command.takesCommand === true ? ['--'] : [];
  return `    '${command.name}')
      if [[ $cur == -* ]]; then _throughline_offer -W '${[...options, ...dashes].join(' ')}' -- "$cur"
      else ${offered(argumentOffer(command)).trim() || ':;'} fi
      ;;`;
}

function offered(offer: Offer): string {
  if (offer === 'nothing') return '';
  if (offer === 'directory') {
    return 'compopt -o filenames 2> /dev/null; _throughline_offer -d -- "$cur"; ';
  }
  if (offer === 'file')
    return 'compopt -o filenames 2> /dev/null; _throughline_offer -f -- "$cur"; ';
  // bash breaks words at @ and completes what is behind it.
  return offer.every((one) => one.startsWith('@'))
    ? `if [[ $prev == @ ]]; then _throughline_offer -W '${behindAt(offer)}' -- "$cur"; elif [[ $cur == @ ]]; then _throughline_offer -W '${behindAt(offer)}'; else _throughline_offer -W '${offer.join(' ')}' -- "$cur"; fi; `
    : `_throughline_offer -W '${offer.join(' ')}' -- "$cur"; `;
}

function behindAt(offer: readonly string[]): string {
  return offer.map((one) => one.slice(1)).join(' ');
}

function spellings(option: Option): readonly string[] {
  return [`--${option.name}`, ...(option.short === undefined ? [] : [`-${option.short}`])];
}
