/** The write-ahead log: the only code that opens a stream for writing, and the scan that reads one. */
export { explainRoot, resolveRoot } from './root.js';
export type { RootOptions, RootRule } from './root.js';
export { openStream } from './stream.js';
export type { AppendOptions, Stream } from './stream-api.js';
export type { StreamOptions } from './options.js';
export type { FileSystem } from './file-system.js';
export type {
  Appended,
  Durability,
  Env,
  Json,
  JsonObject,
  Limits,
  OnFailure,
  Outcome,
  RecordInput,
  RecordLink,
  StreamMetrics,
  StreamState,
  WalRecord,
} from './types.js';
export { listStreams } from './list.js';
export type { StreamRef } from './list.js';
export { readStream } from './read.js';
export type { ScanItem } from './read.js';
export { scanStream } from './scan.js';
export type { ScannedItem, ScannedLine } from './scan.js';
export { searchStream } from './search.js';
export type { Remember, SegmentMemory } from './search.js';
export type { ReadOptions } from './walk.js';
export { verifyStream } from './verify.js';
export type { VerifyOptions, VerifyReport } from './verify.js';
export { readCheckpoints } from './checkpoint.js';
export type { Checkpoint, CheckpointKey } from './checkpoint.js';
export { readReferences } from './references.js';
export type { Reference } from './references.js';
export { boundedReadPort } from './bounded-read-port.js';
export { readAppended } from './appended.js';
export type { AppendedItem, StreamPosition } from './appended.js';
export { firstLine, lastLine } from './peek.js';
export type { PeekedLine } from './peek.js';
export type { DirectoryEntry, OpenFile, ReadPort } from './read-port.js';
export type { Fault, Verdict } from './fault.js';
export { hostIdentity, writerState } from './liveness.js';
export type { HostIdentity, ProcessState, WriterState } from './liveness.js';
export { readPruned } from './prune.js';
export type { PruneOptions, PruneReport } from './prune.js';
export type { Removal, RetentionLimits } from './prune-plan.js';
export { pruneStreams } from './prune-streams.js';
export type { RetentionOptions } from './retention.js';
export { isTerminal } from './open-runs.js';
