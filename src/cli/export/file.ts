/**
 * A file that appears whole or not at all: written beside its place under another name, then moved there. Never inside
 * a root: what readers write is not among what writers wrote.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { lstat, open, realpath, rename, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { ThroughlineError } from '../../context/index.js';
import { UsageError } from '../command.js';
import { onSignal } from './on-signal.js';
import type { Destination } from './output.js';

/** Throws `UsageError` when there can be no such file. */
export async function fileDestination(
  given: string,
  roots: readonly string[],
): Promise<Destination> {
  const target = await targetOf(given);
  await refuseInside(given, dirname(target), roots);
  const name = `.${basename(target)}.${randomBytes(6).toString('hex')}.part`;
  const part = join(dirname(target), name);
  // Before there is anything to remove: a signal may come in between.
  const release = onSignal(() => rmSync(part, { force: true }));
  const file = await create(given, part).catch((error: unknown) => {
    release();
    throw error;
  });
  return {
    sink: { write: (chunk) => orFail(given, write(file, chunk)) },
    async finish() {
      // Whole on disk before it has its name: after a crash there is the old file or the new one.
      await orFail(given, file.sync());
      await file.close();
      await orFail(given, rename(part, target));
      release();
      return [];
    },
    async abandon() {
      await file.close().catch(() => undefined);
      rmSync(part, { force: true });
      release();
    },
  };
}

/** Where the file will be: of a symbolic link what it leads to. */
async function targetOf(given: string): Promise<string> {
  const path = resolve(given);
  const there = await lstat(path).catch(() => undefined);
  const target = there === undefined ? path : await realpath(path).catch(() => path);
  const found = there === undefined ? undefined : await lstat(target).catch(() => undefined);
  if (found !== undefined && !found.isFile()) {
    const why = found.isDirectory() ? 'is a directory: name a file in it' : 'is no regular file';
    throw new UsageError(`${given} ${why}`);
  }
  const directory = await realpath(dirname(target)).catch(() => undefined);
  if (directory === undefined) throw new UsageError(`${given}: its directory does not exist`);
  return join(directory, basename(target));
}

async function refuseInside(
  given: string,
  directory: string,
  roots: readonly string[],
): Promise<void> {
  for (const root of roots) {
    const real = await realpath(root).catch(() => resolve(root));
    if (`${directory}${sep}`.startsWith(`${real}${sep}`)) {
      throw new UsageError(`${given} is inside the root ${root}: name a place outside of it`);
    }
  }
}

async function create(given: string, part: string): Promise<FileHandle> {
  try {
    // What is in a stream is for its owner.
    return await open(part, 'wx', 0o600);
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    throw new UsageError(`${given} cannot be written (${code})`, { cause: error });
  }
}

async function orFail(given: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    const code = String((cause as { code?: unknown }).code);
    const message = `${given} could not be written (${code}): it is as it was before`;
    throw new ThroughlineError('EXPORT_FAILED', message, { cause });
  }
}

async function write(file: FileHandle, chunk: Uint8Array | string): Promise<void> {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  for (let from = 0; from < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, from);
    from += bytesWritten;
  }
}
