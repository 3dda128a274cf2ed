/**
 * Operations on a dedicated thread: the event loop never waits for the disk, and libuv's shared pool is not used
 * (eight hashing jobs there were measured to hold an append for 373 ms). The thread is started from the text of the
 * very functions the inline executor calls, so that it needs no file of its own and bundlers cannot lose it.
 */
import * as nodeFs from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Executor } from './executor.js';
import { createNodeFileSystem } from './file-system.js';
import type { Operation } from './operation.js';
import { newPerformer, newPerformerText } from './perform.js';

/** What the thread answers. */
interface Answer {
  readonly descriptor?: number;
  readonly code?: string;
  readonly message?: string;
}

/** The thread's state, in shared memory, for a process that ends and cannot wait for a message. */
const idle = 0;
const running = 1;
/** Where in it the state is, and where the number of operations asked for. */
const stateAt = 0;
const askedAt = 1;

/** Starts the thread. */
export function workerExecutor(): Executor {
  const state = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(threadText(), {
    eval: true,
    // Descriptors outlive the thread: at exit the main thread seals what the worker opened.
    trackUnmanagedFds: false,
    execArgv: [],
    env: {},
    stdin: false,
    workerData: { state, platform: process.platform },
  });
  worker.unref();
  let pending:
    | { resolve: (descriptor: number) => void; reject: (error: Error) => void }
    | undefined;
  let ended: Error | undefined;
  const end = (error: Error): void => {
    ended = error;
    pending?.reject(error);
    pending = undefined;
  };
  worker.on('message', (answer: Answer) => {
    const waiting = pending;
    pending = undefined;
    worker.unref();
    if (answer.descriptor !== undefined) waiting?.resolve(answer.descriptor);
    else waiting?.reject(Object.assign(new Error(answer.message), { code: answer.code }));
  });
  worker.on('error', end);
  worker.on('exit', () => end(new Error('the sync worker ended')));
  return {
    run(operation) {
      if (ended !== undefined) return Promise.reject(ended);
      return new Promise((resolve, reject) => {
        pending = { resolve, reject };
        // Only an operation under way keeps the process alive.
        worker.ref();
        Atomics.store(state, stateAt, running);
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A worker, not a window.
        worker.postMessage(operation);
        Atomics.add(state, askedAt, 1);
        Atomics.notify(state, askedAt);
      });
    },
    runSync: newPerformer(createNodeFileSystem(nodeFs, process.platform)),
    settleSync(waitMsMax) {
      Atomics.wait(state, stateAt, running, waitMsMax);
      return Atomics.load(state, stateAt) === idle;
    },
    async dispose() {
      worker.removeAllListeners('exit');
      ended = new Error('the sync worker was freed');
      await worker.terminate();
    },
  };
}

type ThreadModules = {
  readonly fs: typeof import('node:fs');
  readonly threads: typeof import('node:worker_threads');
};

/**
 * Runs in the thread, and never returns: it sleeps until something is asked for, which wakes it sooner than a turn of an
 * event loop would. Self-contained: it gets everything as arguments.
 */
function serve(
  modules: ThreadModules,
  createFileSystem: typeof createNodeFileSystem,
  createPerformer: typeof newPerformer,
): void {
  const { parentPort, receiveMessageOnPort, workerData } = modules.threads;
  const { state, platform } = workerData as { state: Int32Array; platform: string };
  const perform = createPerformer(createFileSystem(modules.fs, platform));
  if (parentPort === null) return;
  function answer(operation: Operation): Answer {
    try {
      const descriptor = perform(operation);
      // 0 is `idle`; 2 is neither, for an operation that failed.
      Atomics.store(state, 0, 0);
      return { descriptor };
    } catch (error) {
      Atomics.store(state, 0, 2);
      const { code, message } = error as { code?: string; message: string };
      return code === undefined ? { message } : { code, message };
    }
  }
  for (let asked = 0; ; asked = Atomics.load(state, 1)) {
    for (;;) {
      const received = receiveMessageOnPort(parentPort);
      if (received === undefined) break;
      const said = answer(received.message as Operation);
      Atomics.notify(state, 0);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A worker, not a window.
      parentPort.postMessage(said);
    }
    Atomics.wait(state, 1, asked);
  }
}

function threadText(): string {
  // A transpiler may have put calls of this helper, which keeps names, into the functions' text.
  const keepNames = 'const __name = (fn) => fn;';
  const modules = "{ fs: require('node:fs'), threads: require('node:worker_threads') }";
  return `${keepNames}(${serve.toString()})(${modules}, ${createNodeFileSystem.toString()}, ${newPerformerText()});`;
}
