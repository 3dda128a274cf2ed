// Which answers of two runs differ. An answer is compared as its bytes came, so a changed number or order shows.

/** The names of what is not the same; an answer that one of them lacks is not. */
export function compare(one, other) {
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter((name) => one.get(name)?.text !== other.get(name)?.text);
}
