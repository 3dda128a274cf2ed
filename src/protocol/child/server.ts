/**
 * A server as our child: piped stdin and stdout, our stderr, a process group of its own, and an end whatever happens to
 * us. Reads and writes none of its streams; who holds them decides when its input has ended.
 */
import type { Readable, Writable } from 'node:stream';
import { childEnd, type End } from './child.js';
import { isGroupAlive, signalGroup } from './group.js';
import { holdSignals } from './signals.js';
import { startWatchdog } from './watchdog.js';

/** How long a server whose input has ended may go on without a word, and how long after SIGTERM. */
const patience = { waitMs: 2000, termMs: 2000 };
/** One that was told to end by a message is busy ending: it has longer for that, and less after SIGTERM. */
const toldPatience = { waitMs: 3000, termMs: 1000 };

export interface ServerOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Hears of each signal that is passed on. */
  readonly onSignal?: ((signal: NodeJS.Signals) => void) | undefined;
  /** Said when nothing would end the server if we were killed. */
  readonly warn: (message: string) => void;
}

export interface Server {
  /** `undefined` when nothing could be started. */
  readonly pid: number | undefined;
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  /** Resolves when the server itself has ended; what it said may still be on its way. Never rejects. */
  readonly ended: Promise<End>;
  /**
   * Its input has ended: from now on it has two seconds, and two more after SIGTERM; three and one more when its last
   * message told it to end. May be called twice; the first call counts.
   */
  readonly dismiss: (wasTold?: boolean) => void;
  /** It still has something to say: the time until SIGTERM begins anew. */
  readonly heard: () => void;
}

/** Starts the server. From here until its end, signals that are sent to us are passed on to it. Never throws. */
export function startServer(options: ServerOptions): Server {
  const { file, args, env, onSignal, warn } = options;
  const signals = holdSignals({ ownGroup: true, onSignal });
  const watchdog = startWatchdog(warn);
  let [pid, stdin, stdout]: [number?, Writable?, Readable?] = [];
  let leave: Leave | undefined;
  const running = childEnd({
    file,
    args,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
    ownGroup: true,
    signals,
    onStart: (child) => {
      ({ pid } = child);
      stdin = child.stdin ?? undefined;
      stdout = child.stdout ?? undefined;
      if (pid === undefined) return;
      watchdog.watch(pid);
      leave = new Leave(pid);
    },
  });
  const ended = running.then((end) => {
    signals.release();
    leave?.stop();
    // Who is left in the group holds a stdin that ends with us, and is then the watchdog's.
    if (pid === undefined || !isGroupAlive(pid)) watchdog.release();
    return end;
  });
  return {
    pid,
    stdin,
    stdout,
    ended,
    dismiss: (wasTold = false) => leave?.begin(wasTold ? toldPatience : patience),
    heard: () => leave?.heard(),
  };
}

/** Waits, sends SIGTERM, waits, sends SIGKILL: to the whole group. */
class Leave {
  readonly #group: number;
  #timer: NodeJS.Timeout | undefined;
  #signalled = false;
  /** Patience with a server that is gone would only hold us. */
  #isOver = false;

  constructor(group: number) {
    this.#group = group;
  }

  begin({ waitMs, termMs }: typeof patience): void {
    if (!this.#isOver) this.#timer ??= setTimeout(() => this.#end(termMs), waitMs);
  }

  heard(): void {
    if (!this.#signalled) this.#timer?.refresh();
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #end(termMs: number): void {
    this.#signalled = true;
    signalGroup(this.#group, 'SIGTERM');
    this.#timer = setTimeout(() => signalGroup(this.#group, 'SIGKILL'), termMs);
  }
}
