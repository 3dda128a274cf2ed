/** The 128 bits of a UUID: what other programs name their runs by. */
const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** In lower case, as programs write it, and not all zero. */
export function isRunUuid(text: string | undefined): text is string {
  return text !== undefined && text.length === 36 && pattern.test(text) && /[1-9a-f]/.test(text);
}

/** As four words. */
export function uuidWords(uuid: string, into: Uint32Array): void {
  const hex = uuid.replaceAll('-', '');
  for (let word = 0; word < 4; word += 1) {
    into[word] = Number.parseInt(hex.slice(word * 8, word * 8 + 8), 16);
  }
}

/** The UUID of four words. */
export function uuidOf(words: (index: number) => number): string {
  const hex = [0, 1, 2, 3].map((word) => (words(word) + 2 ** 32).toString(16).slice(1)).join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
