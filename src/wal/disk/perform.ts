/**
 * Puts together what does operations. It is made of functions that use their arguments and nothing else, so that a
 * thread can run their text and needs no file of its own.
 */
import { directFiles } from './direct-file.js';
import { durableWrites } from './durable-writes.js';
import type { FileSystem } from './file-system.js';
import { newFiles } from './new-file.js';
import { performer, type Operation } from './operation.js';
import { wholeWrites } from './whole-writes.js';

export type Perform = (operation: Operation) => number;

const parts = { performer, newFiles, wholeWrites, durableWrites, directFiles };

/** What does operations on that file system. */
export function newPerformer(fs: FileSystem): Perform {
  return assemble(fs, parts);
}

/** An expression: the same function, for who can import nothing. */
export function newPerformerText(): string {
  const texts = Object.entries(parts).map(([name, part]) => `${name}: ${part.toString()}`);
  return `(fs) => (${assemble.toString()})(fs, { ${texts.join(', ')} })`;
}

function assemble(fs: FileSystem, made: typeof parts): Perform {
  const whole = made.wholeWrites(fs);
  const durable = made.durableWrites(fs, whole, made.directFiles(fs));
  return made.performer(fs, whole, made.newFiles(fs, whole), durable);
}
