// Which answers of two runs differ, and where. An answer is compared as its bytes came, so a changed number or order shows.

/** The places that are not the same, as `hover 1/result/contents`; the name alone where nothing finer can be said. */
export function compare(one, other) {
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].flatMap((name) => {
    const texts = [one.get(name)?.text, other.get(name)?.text];
    if (texts[0] === texts[1]) return [];
    const [mine, theirs] = texts.map((text) => leavesOf(text));
    const paths = [...new Set([...mine.keys(), ...theirs.keys()])];
    const differing = paths.filter((path) => mine.get(path) !== theirs.get(path));
    // Equal as JSON, different as bytes.
    return differing.length === 0 ? [name] : differing.map((path) => `${name}${path}`);
  });
}

/** How many values there are to compare. */
export function count(answers) {
  return [...answers.values()].reduce((total, { text }) => total + leavesOf(text).size, 0);
}

/** Each value by its path, in order; what is not JSON is one value. */
function leavesOf(text) {
  const leaves = new Map();
  if (text === undefined) return leaves;
  const walk = (value, path) => {
    if (typeof value !== 'object' || value === null) leaves.set(path, value);
    else if (Object.keys(value).length === 0) leaves.set(path, JSON.stringify(value));
    else for (const key of Object.keys(value)) walk(value[key], `${path}/${key}`);
  };
  try {
    walk(JSON.parse(text), '');
  } catch {
    leaves.set('', text);
  }
  return leaves;
}
