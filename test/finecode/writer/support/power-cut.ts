/** A load that Python wrote to a disk in memory, and every state that a power cut could have left of it. */
import * as wal from '../../../../src/wal/index.js';
import { crashStates } from '../../../wal/support/crash-states.js';
import { judge } from '../../../wal/support/judge.js';
import type { DiskOperation } from '../../../wal/support/memory-disk.js';
import { root } from '../../../wal/support/scenarios.js';
import { ask, type PythonOptions } from './python.js';

type Remembered = Exclude<DiskOperation, { readonly kind: 'write' }> | Written;

interface Written {
  readonly kind: 'write';
  readonly path: string;
  readonly position: number;
  readonly text: string;
}

export interface Judged {
  /** Of the first state in which something acknowledged is lost, or something false is said. */
  readonly wrong: string | undefined;
  readonly states: number;
  readonly acknowledged: number;
}

export async function cutPower(load: string, options: PythonOptions = {}): Promise<Judged> {
  const remembered = await ask<readonly Remembered[]>('remembered.py', { load, root }, options);
  const operations = remembered.map((operation) =>
    operation.kind === 'write'
      ? { ...operation, bytes: Buffer.from(operation.text, 'latin1') }
      : operation,
  );
  const acknowledged = operations.filter(({ kind }) => kind === 'ack').length;
  let states = 0;
  for (const state of crashStates(operations)) {
    states += 1;
    const wrong = await judge(wal, root, state);
    if (wrong !== undefined) return { wrong: `${wrong} in state ${states}`, states, acknowledged };
  }
  return { wrong: undefined, states, acknowledged };
}
