/** `throughline where`: which root is used here and why, what the other rules say, and the streams in it. */
import { resolve } from 'node:path';
import { openJournal, truthOf, type Journal, type Truth } from '../../read/index.js';
import { explainRoot, type RootRule } from '../../wal/index.js';
import { streamObject } from '../analysis-objects.js';
import type { Given } from '../command.js';
import { jsonLine } from '../json.js';
import { reportProblems, reportTruth, rootsOf, timeStyle } from '../open-story.js';
import { paged, type Execute } from '../reading.js';
import { withProgress } from '../progress.js';
import { streamTable } from '../render/stream-table.js';
import { plural, truthLines } from '../render/truth-line.js';
import { columns, line, print, type Cell } from '../text.js';

export const execute: Execute = paged(async (given: Given): Promise<number> => {
  const rules = explainRoot({ root: given.values('root')[0] });
  const journal = await openJournal({ roots: rootsOf(given) });
  const truth = await withProgress(() => readAll(journal));
  if (given.flag('json')) {
    print(rules.map((rule) => jsonLine('rule/1', ruleObject(rule, isUsed(rule, rules)))));
    print(journal.streams.map((stream) => jsonLine('stream/1', streamObject(stream))));
    reportTruth(truth);
  } else {
    print(columns([['', 'RULE', 'ROOT', 'WHY'], ...rules.map((rule) => row(rule, rules))], [2]));
    for (const root of given.values('root').slice(1)) {
      print([line(`and ${resolve(root)}, which was given, too`)]);
    }
    if (journal.streams.length > 0) {
      print(['', ...streamTable(journal.streams, timeStyle(given))]);
      print(truthLines({ streams: journal.streams, truth }, plural(truth.records, 'record')));
    }
  }
  return reportProblems(given, truth);
});

/** Reads everything for what it says of the streams alone. */
async function readAll(journal: Journal): Promise<Truth> {
  for await (const item of journal.items()) void item;
  return truthOf(journal.streams, journal.problems);
}

/** The first rule that names a root is followed. */
function isUsed(rule: RootRule, rules: readonly RootRule[]): boolean {
  return rules.find(({ root }) => root !== undefined) === rule;
}

function row(rule: RootRule, rules: readonly RootRule[]): readonly Cell[] {
  const name = rule.rule === 'option' ? '--root' : rule.rule;
  return isUsed(rule, rules)
    ? [
        { text: '→', style: 'green' },
        name,
        { text: rule.root ?? '', style: 'bold' },
        `used: ${rule.why}`,
      ]
    : [' ', name, rule.root ?? '—', rule.why];
}

function ruleObject({ rule, root, why }: RootRule, used: boolean): object {
  return { rule: rule === 'option' ? '--root' : rule, root: root ?? null, why, used };
}
