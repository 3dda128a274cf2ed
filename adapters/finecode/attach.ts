/**
 * `throughline proxy finecode --attach`: steps before a workspace manager that runs already. It is told apart from ours
 * by nothing: we see it end when it takes its port file away, or when a client cannot be passed on to it.
 */
import { ThroughlineError } from '../../src/context/index.js';
import type { End } from '../../src/protocol/child/index.js';
import { openGate } from '../proxies/gate.js';
import { framed, type MakeTap } from './exact-frames.js';
import { isListening, readPortFile, removePortFile, writePortFile } from './port-file.js';

export interface AttachOptions {
  readonly portFile: string;
  readonly makeTap: MakeTap;
  readonly warn: (message: string) => void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const pollMs = 500;

/**
 * Runs until the workspace manager is gone (code 0) or a signal comes; then the port file names the workspace manager
 * again. Throws ARGUMENT_INVALID when none runs.
 */
export async function attachFinecode({ portFile, makeTap, warn }: AttachOptions): Promise<End> {
  const target = await livingPort(portFile);
  let gone: ((end: End) => void) | undefined;
  const over = new Promise<End>((settle) => {
    gone = settle;
  });
  const gate = await openGate({
    target: () => target,
    makeTap: framed(makeTap, warn),
    warn,
    unreachable: () => gone?.({ code: 0 }),
  });
  const caught = (signal: NodeJS.Signals): void => gone?.({ signal });
  for (const signal of signals) process.on(signal, caught);
  write(portFile, gate.port);
  const timer = setInterval(() => void check(), pollMs);
  let isTold = false;
  const check = async (): Promise<void> => {
    const state = readPortFile(portFile);
    if (state.kind === 'port' && state.port === gate.port) return;
    if (state.kind !== 'absent') {
      if (!isTold) warn(`${portFile} names somebody else now: new clients go there`);
      isTold = true;
      return;
    }
    // A workspace manager takes it away when it ends, whoever's number stands in it.
    if (!(await isListening(target))) {
      gone?.({ code: 0 });
    } else if (!isTold) {
      // It may still be ending its runners: we look again.
      isTold = true;
      warn(`${portFile} was taken away: no new client finds us`);
    }
  };
  const end = await over;
  clearInterval(timer);
  for (const signal of signals) process.off(signal, caught);
  release(portFile, gate.port, 'signal' in end ? target : undefined);
  await gate.close();
  return end;
}

/** What still names us names the workspace manager again, or nobody. */
function release(portFile: string, port: number, target: number | undefined): void {
  const state = readPortFile(portFile);
  if (state.kind !== 'port' || state.port !== port) return;
  if (target === undefined) removePortFile(portFile, port);
  else write(portFile, target);
}

function write(portFile: string, port: number): void {
  try {
    writePortFile(portFile, port);
  } catch (cause) {
    throw new ThroughlineError('ARGUMENT_INVALID', `${portFile} cannot be written`, { cause });
  }
}

async function livingPort(portFile: string): Promise<number> {
  const state = readPortFile(portFile);
  if (state.kind === 'port' && (await isListening(state.port))) return state.port;
  const why = state.kind === 'port' ? `nobody listens on port ${state.port}` : 'it names no port';
  throw new ThroughlineError(
    'ARGUMENT_INVALID',
    `no workspace manager runs: ${why} (${portFile}); name a command behind -- to start one`,
  );
}
