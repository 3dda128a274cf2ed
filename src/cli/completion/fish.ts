/** Completion for fish: for ~/.config/fish/completions, or to be sourced. Starts no process. */
import type { Command, Option } from '../command.js';
import { argumentOffer, help, offerOf, quoted, secondWord, words, type Offer } from './model.js';

export function fishCompletion(commands: readonly Command[]): string {
  const lines = [...words(commands)].flatMap(([first, members]) => firstLines(first, members));
  return `# fish completion for throughline: throughline completion fish > ~/.config/fish/completions/throughline.fish
function __throughline_words
    set -l words (commandline -opc)
    set -e words[1]
    string join \\n -- $words
end
function __throughline_at
    test (count (__throughline_words)) -eq (count $argv); and __throughline_is $argv
end
function __throughline_is
    set -l words (__throughline_words)
    contains -- -- $words; and return 1
    for at in (seq (count $argv))
        test "$words[$at]" = "$argv[$at]"; or return 1
    end
end
function __throughline_behind_dashes
    contains -- -- (commandline -opc)
end
function __throughline_command
    set -l words (commandline -opc)
    set -e words[1..(contains -i -- -- $words)]
    complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
end
complete -c throughline -f
complete -c throughline -n __throughline_behind_dashes -a '(__throughline_command)'
complete -c throughline -n __throughline_at -a help -d 'says more of a command'
complete -c throughline -n __throughline_at -l version -d 'the version'
${lines.join('\n')}
${commands.flatMap((command) => commandLines(command)).join('\n')}
`;
}

function firstLines(first: string, members: readonly Command[]): readonly string[] {
  const pairs = members.filter((one) => secondWord(one) !== undefined);
  const single = members.find((one) => secondWord(one) === undefined);
  const text = single?.summary ?? pairs.map((one) => secondWord(one)).join(', ');
  return [
    `complete -c throughline -n __throughline_at -a ${first} -d ${quoted(text)}`,
    ...pairs.map(
      (one) =>
        `complete -c throughline -n ${quoted(`__throughline_at ${first}`)} -a ${secondWord(one) ?? ''} -d ${quoted(one.summary)}`,
    ),
  ];
}

function commandLines(command: Command): readonly string[] {
  const start = `complete -c throughline -n ${quoted(`__throughline_is ${command.name}`)}`;
  const lines = [...command.options, help].map((option) => `${start} ${optionPart(option)}`);
  const offer = argumentOffer(command);
  if (offer !== 'nothing') lines.push(`${start} ${offered(offer)}`);
  return lines;
}

function optionPart(option: Option): string {
  const short = option.short === undefined ? '' : `-s ${option.short} `;
  const value = option.value === undefined ? '' : `${valuePart(offerOf(option))} `;
  return `${short}-l ${option.name} ${value}-d ${quoted(option.help)}`;
}

function valuePart(offer: Offer): string {
  return offer === 'nothing' ? '-x' : `-r ${offered(offer)}`;
}

function offered(offer: Exclude<Offer, 'nothing'>): string {
  if (offer === 'file') return '-F';
  if (offer === 'directory') return "-f -a '(__fish_complete_directories)'";
  return `-f -a ${quoted(offer.join(' '))}`;
}
