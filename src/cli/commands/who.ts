/** `throughline who PATH`: which request wrote this file, and whether the file is still what it wrote. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { effectsOn, type EffectOf } from '../../read/index.js';
import { UsageError, type Given } from '../command.js';
import { compareEffect, fileNow } from '../file-now.js';
import { jsonLine } from '../json.js';
import { limitOf, newest } from '../limit.js';
import { effectObject, type FileNow } from '../objects.js';
import { openStory, reportTruth, timeStyle } from '../open-story.js';
import { pathsOf } from '../paths.js';
import { paged, type Execute } from '../reading.js';
import { plural, truthLines } from '../render/truth-line.js';
import { glyph, shortId, shortWriter, spanName, viaOf, word } from '../render/words.js';
import { columns, print, type Cell } from '../text.js';
import { timeFormat, type TimeStyle } from '../times.js';

const nowWords: Readonly<Record<FileNow, string>> = {
  same: 'as it is now',
  changed: 'changed since',
  gone: 'gone since',
  unreadable: 'cannot be compared',
};

const [viaColumn, whatColumn, byColumn] = [4, 5, 6];

export const execute: Execute = paged(async (given: Given): Promise<number> => {
  const limit = limitOf(given);
  const [asked = ''] = given.arguments;
  // An empty variable in a script must not mean the directory that it runs in.
  if (asked === '') throw new UsageError('PATH is empty: it names a file');
  const path = resolve(asked);
  const { story, code } = await openStory(given);
  if (story === undefined) return code;
  const all = effectsOn(story.requests, await pathsOf(path));
  const { items, count, note } = newest(all, limit);
  const current = count === 0 ? undefined : await fileNow(path);
  const judged = items.map((one) => ({ ...one, now: compareEffect(one.effect, current) }));
  if (given.flag('json')) {
    print(judged.map((one) => jsonLine('effect/1', effectObject(one, one.now))));
    reportTruth(story.truth, note);
    return code;
  }
  if (judged.length > 0)
    print(columns(table(judged, timeStyle(given)), [viaColumn, whatColumn, byColumn]));
  const counted = count === 0 ? await nothingOf(path) : plural(count, 'effect');
  print(truthLines(story, counted, note));
  return code;
});

/** Effects are of files: of a directory there are none, whatever was written in it. */
async function nothingOf(path: string): Promise<string> {
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isDirectory
    ? `${path} is a directory: name a file in it`
    : `no recorded run touched ${path}`;
}

function table(
  found: readonly (EffectOf & { readonly now: FileNow })[],
  style: TimeStyle,
): readonly (readonly Cell[])[] {
  const time = timeFormat(
    found.map(({ effect }) => effect.at.microseconds),
    Date.now(),
    style,
  );
  return [
    ['', 'RUN', 'WHEN', 'CHANGE', 'VIA', 'WHAT', 'BY', 'WRITER', 'RESULT', 'FILE'],
    ...found.map(({ effect, span, request, now }): readonly Cell[] => [
      glyph(request.state),
      shortId(request.correlationId),
      time(effect.at.microseconds),
      effect.inferred ? `${effect.change} (inferred)` : effect.change,
      viaOf(request),
      request.what,
      spanName(span),
      shortWriter(effect.writerId),
      request.state === 'completed' ? 'ok' : word(request.state),
      nowWords[now],
    ]),
  ];
}
