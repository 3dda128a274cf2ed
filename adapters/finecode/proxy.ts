/**
 * `throughline proxy finecode`: starts FineCode's workspace manager behind a port of ours, which is the one that its
 * clients find. The WM's end is ours. Writes the port file and no other.
 */
import type { Writable } from 'node:stream';
import { ThroughlineError } from '../../src/context/index.js';
import { startServer, type End, type Server } from '../../src/protocol/child/index.js';
import { openGate, type Gate } from '../proxies/gate.js';
import { lastWords, passOn } from '../proxies/printed.js';
import { framed, type MakeTap } from './exact-frames.js';
import {
  discard,
  isListening,
  prepareFolder,
  privatePortFile,
  readPortFile,
  removePortFile,
  writePortFile,
} from './port-file.js';
import { watchTakeover } from './takeover.js';

export interface FinecodeProxyOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** The file in which clients look for the port. */
  readonly portFile: string;
  readonly makeTap: MakeTap;
  /** Takes what the workspace manager prints. */
  readonly output: Writable;
  readonly warn: (message: string) => void;
  readonly onStart?: ((server: Server) => void) | undefined;
}

const startMsMax = 60_000;
const pollMs = 20;

/**
 * Runs until the workspace manager has ended, and says how it did. Throws ARGUMENT_INVALID when clients could not find
 * it: another one runs, or what stands in the way of the port file is not ours to replace.
 */
export async function proxyFinecode(options: FinecodeProxyOptions): Promise<End> {
  const { file, env, portFile, warn } = options;
  prepare(portFile);
  await refuseOthers(portFile, warn);
  const own = givenPortFile(options.args) ?? privatePortFile(portFile);
  if (own === portFile) throw invalid('--port-file names the file that clients read: leave it out');
  const hasOwn = givenPortFile(options.args) !== undefined;
  const args = hasOwn ? options.args : [...options.args, '--port-file', own];
  discard(own);
  const server = startServer({ file, args, env, warn });
  const { stdin, stdout } = server;
  if (stdin === undefined || stdout === undefined) return server.ended;
  stdin.on('error', () => undefined);
  options.onStart?.(server);
  passOn(stdout, options.output);
  try {
    const target = await portIn(own, server, warn);
    return target === undefined ? await server.ended : await serve(options, server, target);
  } catch (error) {
    server.dismiss();
    // Nobody has found it yet, so there is nobody to wait for.
    terminate(server.pid);
    await server.ended;
    throw error;
  } finally {
    discard(own);
    await lastWords(stdout);
    stdin.destroy();
  }
}

async function serve(
  { portFile, makeTap, warn }: FinecodeProxyOptions,
  server: Server,
  target: number,
): Promise<End> {
  const gate = await openGate({
    target: () => target,
    makeTap: framed(makeTap, warn),
    warn,
    // It ends, and ends its runners first: a client that comes now is to start one of its own.
    unreachable: () => void deaf(),
  });
  async function deaf(): Promise<void> {
    if (!(await isListening(target))) removePortFile(portFile, gate.port);
  }
  const stop = await announce(portFile, gate, warn).catch(async (error: unknown) => {
    await gate.close();
    throw error;
  });
  const end = await server.ended;
  stop();
  // First, so that no client finds a port behind which nobody is.
  removePortFile(portFile, gate.port);
  await gate.close();
  return end;
}

/** Says to clients where we are. Returns what ends the watch over it. */
async function announce(
  portFile: string,
  gate: Gate,
  warn: (message: string) => void,
): Promise<() => void> {
  // The start took a while, and another one may have been quicker.
  await refuseOthers(portFile, () => undefined);
  write(portFile, gate.port);
  return watchTakeover(portFile, gate.port, ({ port }) => {
    warn(
      `${portFile} names port ${port} now: another workspace manager was started, and new clients go there`,
    );
  });
}

/** A stale file is replaced; a living workspace manager and whatever is no port file are left alone. */
async function refuseOthers(portFile: string, warn: (message: string) => void): Promise<void> {
  const state = readPortFile(portFile);
  if (state.kind === 'absent') return;
  if (state.kind === 'strange') throw invalid(`${portFile} is in the way: ${state.what}`);
  if (await isListening(state.port)) {
    throw invalid(
      `a workspace manager listens on port ${state.port} (${portFile}): end it, or stand before it with --attach`,
    );
  }
  warn(`${portFile} named port ${state.port}, where nobody listens: it is replaced`);
}

function prepare(portFile: string): void {
  try {
    prepareFolder(portFile);
  } catch (cause) {
    throw invalid(`the folder of ${portFile} cannot be made`, cause);
  }
}

function write(portFile: string, port: number): void {
  try {
    writePortFile(portFile, port);
  } catch (cause) {
    throw invalid(`${portFile} cannot be written`, cause);
  }
}

/** Where the command itself says that the port is to be written. */
function givenPortFile(args: readonly string[]): string | undefined {
  const at = args.findLastIndex((one) => one === '--port-file' || one.startsWith('--port-file='));
  if (at === -1) return undefined;
  return args[at] === '--port-file' ? args[at + 1] : args[at]?.slice('--port-file='.length);
}

/** The port that the workspace manager has written; `undefined` when it has ended before, or is ended for its silence. */
async function portIn(
  own: string,
  server: Server,
  warn: (message: string) => void,
): Promise<number | undefined> {
  const ended = server.ended.then(() => true);
  for (const sinceMs = performance.now(); performance.now() - sinceMs < startMsMax;) {
    const state = readPortFile(own);
    if (state.kind === 'port') return state.port;
    const pause = new Promise<boolean>((later) => {
      setTimeout(() => later(false), pollMs);
    });
    if (await Promise.race([ended, pause])) return undefined;
  }
  warn(`no port was written to ${own} within ${startMsMax / 1000} seconds: the WM is ended`);
  server.dismiss();
  return undefined;
}

function terminate(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGTERM');
  } catch {
    // It has ended.
  }
}

function invalid(message: string, cause?: unknown): ThroughlineError {
  return new ThroughlineError('ARGUMENT_INVALID', message, { cause });
}
