/**
 * Operations on a dedicated thread: the event loop never waits for the disk, and libuv's shared pool is not used
 * (eight hashing jobs there were measured to hold an append for 373 ms). The thread is started from the text of the
 * very functions the inline executor calls, so that it needs no file of its own and bundlers cannot lose it.
 */
import * as nodeFs from 'node:fs';
import { Worker } from 'node:worker_threads';
import { createNodeFileSystem } from './file-system.js';
import type { ThreadExecutor } from './lasting-executor.js';
import type { Operation } from './operation.js';
import { newPerformer, newPerformerText } from './perform.js';
import { threadText } from '../thread-text.js';

/** What the thread answers: the descriptor it worked on, or what went wrong. */
type Answer = number | { readonly code?: string; readonly message: string };

type Write = Extract<Operation, { readonly kind: 'write' }>;

/** The thread's state, in shared memory, for a process that ends and cannot wait for a message. */
const idle = 0;
const running = 1;
/**
 * Where in it the state is, where the number of operations asked for, and where 1 if the next one is a write in numbers,
 * from the memory that the thread has; 0 for an operation that is sent as a message.
 */
const stateAt = 0;
const askedAt = 1;
const isNumbersAt = 2;
const stagedBytesMin = 64 * 1024;

/** Starts the thread. */
export function workerExecutor(): ThreadExecutor {
  const state = new Int32Array(new SharedArrayBuffer(12));
  const numbers = new Float64Array(new SharedArrayBuffer(40));
  let staged: Uint8Array = new Uint8Array(new SharedArrayBuffer(stagedBytesMin));
  const worker = newWorker({ state, numbers, staged, platform: process.platform });
  let pending:
    | { resolve: (descriptor: number) => void; reject: (error: Error) => void }
    | undefined;
  let ended: Error | undefined;
  const end = (error: Error): void => {
    // What it died of comes first, then that it is no more.
    ended ??= error;
    pending?.reject(error);
    pending = undefined;
  };
  worker.on('message', (answer: Answer) => {
    const waiting = pending;
    pending = undefined;
    worker.unref();
    if (typeof answer === 'number') waiting?.resolve(answer);
    else waiting?.reject(Object.assign(new Error(answer.message), { code: answer.code }));
  });
  worker.on('error', end);
  worker.on('exit', () => end(new Error('the sync worker ended')));
  return {
    get isEnded() {
      return ended !== undefined;
    },
    run(operation) {
      if (ended !== undefined) return Promise.reject(ended);
      return new Promise((resolve, reject) => {
        pending = { resolve, reject };
        // Only an operation under way keeps the process alive.
        worker.ref();
        Atomics.store(state, stateAt, running);
        const isNumbers =
          operation.kind === 'write' && operation.bytes.byteLength <= staged.byteLength;
        if (isNumbers) {
          staged.set(operation.bytes);
          putNumbers(numbers, operation);
        } else {
          const sent = toSend(operation);
          if (sent.kind === 'write') staged = new Uint8Array(sent.bytes.buffer);
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A worker, not a window.
          worker.postMessage(sent);
        }
        Atomics.store(state, isNumbersAt, isNumbers ? 1 : 0);
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

function newWorker(workerData: object): Worker {
  const worker = new Worker(script(), {
    eval: true,
    // Descriptors outlive the thread: at exit the main thread seals what the worker opened.
    trackUnmanagedFds: false,
    execArgv: [],
    env: {},
    stdin: false,
    workerData,
  });
  worker.unref();
  return worker;
}

/**
 * What is written goes through one memory, and a larger one when it must: the thread never comes to collecting garbage, so
 * that it would keep each one it has ever seen. The few other bytes are copied, for the same reason.
 */
function toSend(operation: Operation): Operation {
  if (operation.kind === 'close') return operation;
  const { byteLength } = operation.bytes;
  const bytes =
    operation.kind === 'write'
      ? new Uint8Array(new SharedArrayBuffer(2 ** Math.ceil(Math.log2(byteLength))), 0, byteLength)
      : new Uint8Array(byteLength);
  bytes.set(operation.bytes);
  return { ...operation, bytes };
}

/** A write from the memory that the thread has goes there as numbers: a message costs a lone append a fifth of its time. */
function putNumbers(
  numbers: Float64Array,
  { descriptor, position, bytes, sync, padTo }: Write,
): void {
  numbers[0] = descriptor;
  numbers[1] = position;
  numbers[2] = bytes.byteLength;
  numbers[3] = sync ? 1 : 0;
  numbers[4] = padTo;
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
  const { state, numbers, staged, platform } = workerData as {
    state: Int32Array;
    numbers: Float64Array;
    staged: Uint8Array;
    platform: string;
  };
  let memory = staged.buffer;
  const perform = createPerformer(createFileSystem(modules.fs, platform));
  if (parentPort === null) return;
  function answer(operation: Operation): Answer {
    try {
      const descriptor = perform(operation);
      // 0 is `idle`; 2 is neither, for an operation that failed.
      Atomics.store(state, 0, 0);
      return descriptor;
    } catch (error) {
      Atomics.store(state, 0, 2);
      const { code, message } = error as { code?: string; message: string };
      return code === undefined ? { message } : { code, message };
    }
  }
  function next(): Operation | undefined {
    if (Atomics.exchange(state, 2, 0) === 0) {
      const received = parentPort === null ? undefined : receiveMessageOnPort(parentPort);
      const operation = received?.message as Operation | undefined;
      // The last one was too small for it.
      if (operation?.kind === 'write') memory = operation.bytes.buffer;
      return operation;
    }
    const [descriptor = 0, position = 0, length = 0, sync = 0, padTo = 0] = numbers;
    const bytes = new Uint8Array(memory, 0, length);
    return { kind: 'write', descriptor, position, bytes, sync: sync === 1, padTo };
  }
  for (let asked = 0; ; asked = Atomics.load(state, 1)) {
    for (let operation = next(); operation !== undefined; operation = next()) {
      const said = answer(operation);
      Atomics.notify(state, 0);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A worker, not a window.
      parentPort.postMessage(said);
    }
    Atomics.wait(state, 1, asked);
  }
}

function script(): string {
  const modules = { fs: 'node:fs', threads: 'node:worker_threads' };
  return threadText(serve, modules, createNodeFileSystem.toString(), newPerformerText());
}
