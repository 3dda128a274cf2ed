/** Texts that are whole Unicode, which UTF-8 and protobuf want and a stream does not promise. */

const lone = /\p{Surrogate}/gu;

/** The text with each half of a character written out, as `\ud83d`: six characters of ASCII, the same in every format. */
export function wellFormed(text: string): string {
  return text.replace(lone, escaped);
}

function escaped(half: string): string {
  return `\\u${half.charCodeAt(0).toString(16)}`;
}
