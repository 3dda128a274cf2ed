/** Texts that are whole Unicode, which UTF-8 and protobuf want and a stream does not promise. */

const lone = /\p{Surrogate}/gu;
/** Without it a text is whole; and most texts have no character beyond Latin at all, which this sees at once. */
const half = /[\ud800-\udfff]/;

/** The text with each half of a character written out, as `\ud83d`: six characters of ASCII, the same in every format. */
export function wellFormed(text: string): string {
  return half.test(text) ? text.replace(lone, escaped) : text;
}

function escaped(one: string): string {
  return `\\u${one.charCodeAt(0).toString(16)}`;
}

/** JSON in which halves of characters are written out as well: strict readers refuse their escapes. */
export function wellFormedJson(value: object | string | number | boolean): string {
  const json = JSON.stringify(value);
  // Whole characters are never escaped by JSON.stringify: an escape of a surrogate is one half.
  return json.includes('\\ud') ? json.replace(escapedHalf, '$1\\\\u$2') : json;
}

const escapedHalf = /(?<!\\)((?:\\\\)*)\\u(d[89a-f][0-9a-f]{2})/g;
