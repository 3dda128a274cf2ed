/**
 * Characters that a terminal acts upon, and those that nobody sees: controls (C0, DEL, C1), line and paragraph
 * separators, what reorders text, and what has no picture of its own (joiners, fillers, tags, variation selectors). A
 * name can hide in the latter what it says, or be another's twin. Halves of characters are no text at all.
 */
const unseen =
  // oxlint-disable-next-line no-control-regex -- Control characters are what it finds.
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Surrogate}]/gu;

/** What of that JSON leaves as it is. */
const unseenInJson =
  /[\u007f-\u009f\u2028\u2029\ufff9-\ufffb\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/gu;

const sign = /\p{Extended_Pictographic}$/u;
const colourSelector = '\ufe0f';

/** The text with all of these replaced by U+FFFD, but for the one that makes a sign an emoji, and for those in `kept`. */
export function withoutUnseen(text: string, kept = ''): string {
  return text.replace(unseen, (found, at: number) =>
    kept.includes(found) ||
    (found === colourSelector && sign.test(text.slice(Math.max(0, at - 2), at)))
      ? found
      : '\ufffd',
  );
}

/** JSON with all of these escaped: the same value when parsed. */
export function escapedUnseen(json: string): string {
  return json.replace(unseenInJson, escaped);
}

/** Beyond the first 65,536 characters JSON knows halves only. */
function escaped(character: string): string {
  let text = '';
  for (let at = 0; at < character.length; at += 1) {
    text += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }
  return text;
}
