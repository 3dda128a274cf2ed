/** Texts without what hides in them. Knows no element. */

// Control characters, what reorders the text around it, and what has no picture of its own: shown as a sign, not obeyed.
const unseen =
  // oxlint-disable-next-line no-control-regex -- Control characters are what it shows.
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Surrogate}]/gu;
const sign = /\p{Extended_Pictographic}$/u;

/** The text with what cannot be seen made visible. */
export function visible(text: string): string {
  // One of them makes a sign an emoji.
  return text.replace(unseen, (found, at: number) =>
    found === '\ufe0f' && sign.test(text.slice(Math.max(0, at - 2), at)) ? found : '\ufffd',
  );
}
