/** A stream in memory: keeps what is appended in order, and can be told to hold, drop or refuse. */
import type { RecordStream } from '../../src/hook/stream.js';
import { Recorder } from '../../src/hook/recorder.js';
import type { Durability, OnFailure, RecordInput } from '../../src/wal/types.js';

export interface Kept extends RecordInput {
  readonly durability: Durability;
}

export class MemoryStream implements RecordStream {
  readonly writerId = 'wm-01TEST';
  readonly root = '/root-of-test';
  readonly records: Kept[] = [];
  /** What happens to the next appends. */
  mode: 'keep' | 'drop' | 'refuse' | 'hold' = 'keep';
  #held: (() => void)[] = [];

  async append(
    record: RecordInput,
    options: { readonly durability: Durability },
  ): Promise<{ outcome: string }> {
    if (this.mode === 'refuse') throw new Error('no space left on device');
    if (this.mode === 'drop') return { outcome: 'dropped' };
    this.records.push({ ...record, durability: options.durability });
    if (this.mode === 'hold') await new Promise<void>((resolve) => this.#held.push(resolve));
    return { outcome: 'durable' };
  }

  release(): void {
    this.mode = 'keep';
    for (const resolve of this.#held.splice(0)) resolve();
  }

  events(): string[] {
    return this.records.map((record) => record.event_type);
  }

  find(event: string): Kept {
    const [found, ...more] = this.records.filter((record) => record.event_type === event);
    if (found === undefined || more.length > 0) throw new Error(`not one record of ${event}`);
    return found;
  }

  async flush(): Promise<void> {}
  async close(): Promise<void> {}
  metrics(): never {
    throw new Error('not in memory');
  }
}

export function memoryRecorder(onFailure: OnFailure = 'degrade'): {
  stream: MemoryStream;
  recorder: Recorder;
} {
  const stream = new MemoryStream();
  return {
    stream,
    recorder: new Recorder({ stream, role: 'wm', onFailure, workspace: '/work-space' }),
  };
}
