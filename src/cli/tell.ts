/**
 * One line on stderr, for commands that share their standard streams with a child. Straight to the descriptor: a
 * stream object of ours would make a pipe that the child shares non-blocking.
 */
import { writeSync } from 'node:fs';
import { clean } from './text.js';

export function tell(message: string): void {
  try {
    writeSync(2, `throughline: ${clean(message)}\n`);
  } catch {
    // Nobody listens.
  }
}
