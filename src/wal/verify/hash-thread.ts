/**
 * SHA-256 on a thread of its own, of blocks in shared memory, while whoever reads them walks through their lines: hashing
 * is a third of what verifying costs. The thread opens no file, and is started from the text of a function, so that it
 * needs no file of its own. Nothing depends on it: without a thread the same is hashed inline.
 */
import { availableParallelism } from 'node:os';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { threadText } from '../thread-text.js';

/** What the thread is asked; it answers each with the digests it took, in hexadecimal. */
type Asked =
  | { readonly kind: 'begin' }
  /** The next bytes of the file, with the places in them where a digest is to be taken, in order. */
  | { readonly kind: 'block'; readonly bytes: Uint8Array; readonly marks: readonly number[] }
  /** The file up to the last block, and these bytes, with which that block began. */
  | { readonly kind: 'at'; readonly bytes: Uint8Array };

const readyAt = 0;
const askedAt = 1;
const answeredAt = 2;
/** Longer than hashing any block takes on any machine. */
const waitMsMaxDefault = 10_000;

export interface HashThread {
  /** It runs: what is asked from now on is answered. */
  readonly isReady: boolean;
  /** It died, or does not answer: what it hashed is lost. */
  readonly isLost: boolean;
  ask(asked: Asked): void;
  /** The answer to each question since the last call, when the last one is there. Waits without a turn of the event loop. Throws when it is lost. */
  answers(): readonly (readonly string[])[];
  /** It ends; may be called twice. */
  close(): Promise<void>;
}

/** Starts a thread, or does not, where there is only one core or the process may start none. */
export function startHashThread(waitMsMax: number = waitMsMaxDefault): HashThread | undefined {
  if (availableParallelism() < 2) return undefined;
  const state = new Int32Array(new SharedArrayBuffer(12));
  const { port1, port2 } = new MessageChannel();
  let worker: Worker;
  try {
    worker = new Worker(
      threadText(serve, { crypto: 'node:crypto', threads: 'node:worker_threads' }),
      {
        eval: true,
        execArgv: [],
        env: {},
        stdin: false,
        // Room is reserved at once: where addresses are few (`ulimit -v`), as much as Node takes by itself ends the process.
        resourceLimits: {
          maxOldGenerationSizeMb: 16,
          maxYoungGenerationSizeMb: 2,
          codeRangeSizeMb: 8,
        },
        workerData: { state, port: port2 },
        transferList: [port2],
      },
    );
  } catch {
    // The permission model refuses threads, or there are too many.
    port1.close();
    return undefined;
  }
  worker.unref();
  // Who waits for it finds out.
  worker.on('error', () => undefined);
  let asked = 0;
  let taken = 0;
  let isLost = false;
  const lose = (why: string): never => {
    isLost = true;
    throw new Error(`the thread that hashes ${why}`);
  };
  return {
    get isReady() {
      return Atomics.load(state, readyAt) === 1;
    },
    get isLost() {
      return isLost;
    },
    ask(question) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A worker, not a window.
      port1.postMessage(question);
      asked += 1;
      Atomics.store(state, askedAt, asked);
      Atomics.notify(state, askedAt);
    },
    answers() {
      for (let done = Atomics.load(state, answeredAt); done < asked;) {
        if (Atomics.wait(state, answeredAt, done, waitMsMax) === 'timed-out') lose('is silent');
        done = Atomics.load(state, answeredAt);
      }
      const answers: (readonly string[])[] = [];
      for (; taken < asked; taken += 1) {
        const answer = receiveMessageOnPort(port1)?.message as readonly string[] | undefined;
        answers.push(answer ?? lose('says nothing'));
      }
      return answers;
    },
    async close() {
      port1.close();
      await worker.terminate();
    },
  };
}

type ThreadModules = {
  readonly crypto: typeof import('node:crypto');
  readonly threads: typeof import('node:worker_threads');
};

/** Runs in the thread, and never returns: it sleeps until something is asked. Self-contained. */
function serve({ crypto, threads }: ThreadModules): void {
  const { state, port } = threads.workerData as {
    state: Int32Array;
    port: import('node:worker_threads').MessagePort;
  };
  let hash = crypto.createHash('sha256');
  let atBlock = hash.copy();
  function answer(asked: Asked): string[] {
    if (asked.kind === 'begin') {
      hash = crypto.createHash('sha256');
      return [];
    }
    if (asked.kind === 'at') return [atBlock.copy().update(asked.bytes).digest('hex')];
    const { bytes, marks } = asked;
    atBlock = hash.copy();
    const digests: string[] = [];
    let from = 0;
    for (const mark of marks) {
      hash.update(bytes.subarray(from, mark));
      digests.push(hash.copy().digest('hex'));
      from = mark;
    }
    hash.update(bytes.subarray(from));
    return digests;
  }
  Atomics.store(state, 0, 1);
  for (let asked = 0; ; asked = Atomics.load(state, 1)) {
    for (;;) {
      const received = threads.receiveMessageOnPort(port);
      if (received === undefined) break;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A worker, not a window.
      port.postMessage(answer(received.message as Asked));
      Atomics.add(state, 2, 1);
      Atomics.notify(state, 2);
    }
    Atomics.wait(state, 1, asked);
  }
}
