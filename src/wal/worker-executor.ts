/** Operations on a dedicated thread: the event loop never waits for the disk, and libuv's shared pool is not used. */
import * as nodeFs from 'node:fs';
import type { Executor } from './executor.js';
import { inlineExecutor } from './executor.js';
import { createNodeFileSystem } from './file-system.js';

/** Starts the thread. */
export function workerExecutor(): Executor {
  return inlineExecutor(createNodeFileSystem(nodeFs, process.platform));
}
