/** One stream on disk with its name, and the one place where a batch is committed to it. */
import { mintCorrelationId, type Hlc } from '../context/index.js';
import type { Executor } from './executor.js';
import { lastOfRole } from './last-of-role.js';
import type { Metrics } from './metrics.js';
import { levels, type CheckedOptions } from './options.js';
import type { RecordInput } from './types.js';
import { StreamWriter } from './writer.js';

export interface Incarnation {
  readonly writer: StreamWriter;
  readonly writerId: string;
  readonly directory: string;
  readonly pid: number;
}

/** A new stream, behind the last one of its role: header and directories durable. Throws what the disk throws. */
export async function beginIncarnation(
  options: CheckedOptions,
  executor: Executor,
  encode: (record: RecordInput, at: Hlc | undefined) => string,
): Promise<Incarnation> {
  const { root, role, header, clock } = options;
  const previous = await lastOfRole(root, role);
  if (previous?.hlc !== undefined) clock.startAfter(previous.hlc);
  const writerId = `${role}-${mintCorrelationId()}`;
  const { parent, directories } = levels(root, role, writerId);
  const writer = new StreamWriter({
    executor,
    directories,
    parent,
    writerId,
    header: { role, header, ...(previous === undefined ? {} : { previousStream: previous.end }) },
    encode,
    clockSteps: () => clock.steps,
    sign: options.sign,
    segmentBytesMax: options.segmentBytesMax,
    preallocateBytes: options.preallocateBytes,
  });
  await writer.open();
  return { writer, writerId, directory: directories.at(-1) ?? root, pid: process.pid };
}

/** Write → datasync → acknowledge: what this resolves for is durable when `sync` is set. */
export async function commitBatch(
  writer: StreamWriter,
  metrics: Metrics,
  batch: { readonly bodies: readonly string[]; readonly sync: boolean },
): Promise<number> {
  try {
    if (writer.isRotationDue) await writer.rotate();
    const startedMs = performance.now();
    const { first, bytes } = await writer.flush(batch.bodies, batch.sync);
    const durationMs = performance.now() - startedMs;
    metrics.flushed({ records: batch.bodies.length, bytes, durationMs, sync: batch.sync });
    return first;
  } finally {
    metrics.rotations += writer.rotations;
    metrics.failovers += writer.failovers;
    writer.rotations = 0;
    writer.failovers = 0;
    if (writer.lastError !== undefined) metrics.failed(writer.lastError);
    writer.lastError = undefined;
  }
}
