/** JSON lines. Each object names its schema; docs/cli.md lists them. */

// JSON leaves C1 controls, DEL and bidirectional overrides as they are, and terminals act upon them.
const unsafe = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The object as one line that is the same value when parsed and harmless when shown. */
export function jsonLine(schema: string, fields: object): string {
  return JSON.stringify({ schema: `throughline.${schema}`, ...fields }).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
