/**
 * The file in which FineCode's clients find the port of its workspace manager. Replaced whole, so that no client reads
 * half of a number, and taken away only while our number stands in it. It is no lock: whoever writes last has it.
 */
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { basename, dirname, join } from 'node:path';

/** `strange`: something else than a file with a port in it. */
export type PortFileState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'strange'; readonly what: string };

const loopback = '127.0.0.1';
const contentBytesMax = 64;
const probeMsMax = 1000;

export function readPortFile(path: string): PortFileState {
  try {
    const stats = lstatSync(path);
    if (!stats.isFile()) return { kind: 'strange', what: 'no regular file' };
    if (stats.size > contentBytesMax) return { kind: 'strange', what: 'too large for a port' };
    const text = readFileSync(path, 'latin1').trim();
    // Whoever writes it without renaming has emptied it first.
    if (text === '') return { kind: 'absent' };
    const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (port < 1 || port > 65_535) return { kind: 'strange', what: 'without a port in it' };
    return { kind: 'port', port };
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { kind: 'absent' } : { kind: 'strange', what: code };
  }
}

/** Throws what the system says when it cannot be written. */
export function writePortFile(path: string, port: number): void {
  const made = `${path}.${process.pid}`;
  writeFileSync(made, String(port));
  renameSync(made, path);
}

/** Takes it away if it names this port. */
export function removePortFile(path: string, port: number): void {
  const state = readPortFile(path);
  if (state.kind === 'port' && state.port === port) discard(path);
}

/** The folder of the port file is made if it is not there. */
export function prepareFolder(path: string): void {
  const folder = dirname(path);
  try {
    lstatSync(folder);
  } catch {
    mkdirSync(folder, { recursive: true });
  }
}

/** Where the workspace manager that we start writes its own port. What killed ones have left is taken away. */
export function privatePortFile(path: string): string {
  const prefix = `${basename(path)}.wm-`;
  for (const name of readdirSync(dirname(path))) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : Number.NaN;
    if (Number.isSafeInteger(pid) && !isAlive(pid)) discard(join(dirname(path), name));
  }
  return `${path}.wm-${process.pid}`;
}

export function discard(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone, or not ours to take away.
  }
}

/** Whether somebody listens there. FineCode's clients ask in the same way, and its WM takes us for one of them. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ port, host: loopback, timeout: probeMsMax });
    const settle = (isThere: boolean) => () => {
      socket.destroy();
      answer(isThere);
    };
    socket.once('connect', settle(true));
    socket.once('timeout', settle(false));
    socket.once('error', settle(false));
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
