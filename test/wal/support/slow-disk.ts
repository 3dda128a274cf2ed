/** The real disk, with datasyncs that take as long as a test says, in the thread that asks for them, and sync nothing. */
import * as fs from 'node:fs';
import { createNodeFileSystem, type FileSystem } from '../../../src/wal/disk/file-system.js';

/** `pace.holdMs` may change at any time. */
export function slowDisk(pace: { readonly holdMs: number }): FileSystem {
  return {
    ...createNodeFileSystem(fs, process.platform),
    openDurable: () => undefined,
    datasync(): void {
      const untilMs = performance.now() + pace.holdMs;
      while (performance.now() < untilMs);
    },
  };
}
