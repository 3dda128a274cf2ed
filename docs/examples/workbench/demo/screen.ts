/** What the demo shows while it works: one line that is rewritten on a terminal, plain lines elsewhere. */

const startedMs = performance.now();
const clearLine = '\r\u001b[2K';
const isTerminal = process.stdout.isTTY;

/** Says what is being done now. */
export function progress(text: string): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(5);
  process.stdout.write(
    isTerminal ? `${clearLine}${seconds} s  ${text}` : `${seconds} s  ${text}\n`,
  );
}

/** Ends the progress line; what follows stays. */
export function say(text = ''): void {
  process.stdout.write(`${isTerminal ? clearLine : ''}${text}\n`);
}
