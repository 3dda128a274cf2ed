/** What the demo shows while it works: one line that is rewritten on a terminal, plain lines elsewhere. */

const startedMs = performance.now();
const clearLine = '\r\u001b[2K';
const isTerminal = process.stdout.isTTY;

/** Says what is being done now. */
export function progress(text: string): void {
  process.stdout.write(isTerminal ? `${clearLine}${stamp()}${text}` : `${stamp()}${text}\n`);
}

/** Says how far it is; only on a terminal, where it replaces what was said before. */
export function tick(text: string): void {
  if (isTerminal) progress(text);
}

/** Ends the progress line; what follows stays. */
export function say(text = ''): void {
  process.stdout.write(`${isTerminal ? clearLine : ''}${text}\n`);
}

function stamp(): string {
  return `${((performance.now() - startedMs) / 1000).toFixed(1).padStart(5)} s  `;
}
