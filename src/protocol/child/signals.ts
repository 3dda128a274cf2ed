/**
 * Signals while a command runs. A terminal sends its own to the whole foreground group, so the child has them already
 * and we only have to outlive it. What is sent to us alone (SIGTERM, SIGHUP; without a terminal also SIGINT and
 * SIGQUIT) is passed on. So are SIGUSR1 and SIGUSR2, which no terminal sends: Node would open its inspector on the first.
 */
import { isatty } from 'node:tty';
import type { ChildProcess } from 'node:child_process';

// Windows has neither, and refuses a listener.
const userSignals: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? [] : ['SIGUSR1', 'SIGUSR2'];

export interface HeldSignals {
  /** The first signal that came while there was no child to pass it to. */
  readonly early: () => NodeJS.Signals | undefined;
  /** From here on the child gets them. */
  readonly passTo: (child: ChildProcess) => void;
  /** They end us again. */
  readonly release: () => void;
}

export interface SignalOptions {
  /** Hears of each signal that was sent, also by a terminal. */
  readonly onSignal?: ((signal: NodeJS.Signals) => void) | undefined;
  /** The child will be in a process group of its own, where no terminal reaches it: it gets all of them from us. */
  readonly ownGroup?: boolean;
}

/** From here on the signals do not end us. */
export function holdSignals(options: SignalOptions = {}): HeldSignals {
  const { onSignal, ownGroup = false } = options;
  const hasTerminal = !ownGroup && (isatty(0) || isatty(1) || isatty(2));
  let child: ChildProcess | undefined;
  let early: NodeJS.Signals | undefined;
  const hold = (signal: NodeJS.Signals, isFromTerminal: boolean): void => {
    if (child === undefined) early ??= signal;
    else if (!isFromTerminal) child.kill(signal);
    onSignal?.(signal);
  };
  const pass = (signal: NodeJS.Signals): void => hold(signal, false);
  const fromTerminal = (signal: NodeJS.Signals): void => hold(signal, hasTerminal);
  const handlers: readonly (readonly [NodeJS.Signals, (signal: NodeJS.Signals) => void])[] = [
    ['SIGTERM', pass],
    ['SIGHUP', pass],
    ...userSignals.map((signal) => [signal, pass] as const),
    ['SIGINT', fromTerminal],
    ['SIGQUIT', fromTerminal],
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return {
    early: () => early,
    passTo: (started) => {
      child = started;
    },
    release: () => {
      for (const [signal, handler] of handlers) process.off(signal, handler);
    },
  };
}
