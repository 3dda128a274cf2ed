/**
 * Operations on a dedicated thread: the event loop never waits for the disk, and libuv's shared pool is not used
 * (eight hashing jobs there were measured to hold an append for 373 ms). The thread is started from the text of the
 * very functions the inline executor calls, so that it needs no file of its own and bundlers cannot lose it.
 */
import * as nodeFs from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Executor } from './executor.js';
import { createNodeFileSystem } from './file-system.js';
import { perform, type Operation } from './operation.js';

/** What the thread answers. */
interface Answer {
  readonly descriptor?: number;
  readonly code?: string;
  readonly message?: string;
}

/** The thread's state, in shared memory, for a process that ends and cannot wait for a message. */
const idle = 0;
const running = 1;

/** Starts the thread. */
export function workerExecutor(): Executor {
  const state = new Int32Array(new SharedArrayBuffer(4));
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
        Atomics.store(state, 0, running);
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A worker, not a window.
        worker.postMessage(operation);
      });
    },
    runSync: (operation) => perform(createNodeFileSystem(nodeFs, process.platform), operation),
    settleSync(waitMsMax) {
      Atomics.wait(state, 0, running, waitMsMax);
      return Atomics.load(state, 0) === idle;
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

/** Runs in the thread. Self-contained: it gets everything as arguments. */
function serve(
  modules: ThreadModules,
  createFileSystem: typeof createNodeFileSystem,
  act: typeof perform,
): void {
  const { parentPort, workerData } = modules.threads;
  const { state, platform } = workerData as { state: Int32Array; platform: string };
  const fs = createFileSystem(modules.fs, platform);
  parentPort?.on('message', (operation: Operation) => {
    let answer: Answer;
    try {
      answer = { descriptor: act(fs, operation) };
      // 0 is `idle`; 2 is neither, for an operation that failed.
      Atomics.store(state, 0, 0);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      answer = code === undefined ? { message } : { code, message };
      Atomics.store(state, 0, 2);
    }
    Atomics.notify(state, 0);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A worker, not a window.
    parentPort?.postMessage(answer);
  });
}

function threadText(): string {
  // A transpiler may have put calls of this helper, which keeps names, into the functions' text.
  const keepNames = 'const __name = (fn) => fn;';
  const modules = "{ fs: require('node:fs'), threads: require('node:worker_threads') }";
  return `${keepNames}(${serve.toString()})(${modules}, ${createNodeFileSystem.toString()}, ${perform.toString()});`;
}
