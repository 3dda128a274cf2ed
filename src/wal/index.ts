/** The write-ahead log: the only code that opens a stream for writing, and the scan that reads one. */
export { explainRoot, resolveRoot } from './root.js';
export type { RootOptions, RootRule } from './root.js';
export { openStream } from './stream.js';
export type { AppendOptions, Stream } from './append/stream-api.js';
export type { StreamOptions } from './options.js';
export type { FileSystem } from './disk/file-system.js';
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
export { listStreams } from './read/list.js';
export type { PassOver, StreamRef } from './read/list.js';
export { closedBefore } from './read/closed.js';
export { readStream } from './read/records.js';
export type { ScanItem } from './read/records.js';
export { scanStream } from './read/scan.js';
export type { ScannedItem, ScannedLine } from './read/scan.js';
export { searchStream } from './read/search.js';
export type { Remember, SegmentMemory } from './read/search.js';
export type { ReadOptions } from './read/walk.js';
export { verifyStream } from './verify/verify.js';
export type { VerifyOptions, VerifyReport } from './verify/verify.js';
export { readCheckpoints } from './segment/checkpoint.js';
export type { Checkpoint, CheckpointKey } from './segment/checkpoint.js';
export { readReferences } from './verify/references.js';
export type { Reference } from './verify/references.js';
export { boundedReadPort } from './disk/bounded-read-port.js';
export { readAppended } from './read/appended.js';
export type { AppendedItem, StreamPosition } from './read/appended.js';
export { firstLine, lastLine } from './read/peek.js';
export type { PeekedLine } from './read/peek.js';
export type { DirectoryEntry, OpenFile, ReadPort } from './disk/read-port.js';
export type { Fault, Verdict } from './read/fault.js';
export { hostIdentity, writerState } from './liveness/liveness.js';
export type { HostIdentity, ProcessState, WriterState } from './liveness/liveness.js';
export { readPruned } from './retention/prune.js';
export type { PruneOptions, PruneReport } from './retention/prune.js';
export type { Removal, RetentionLimits } from './retention/prune-plan.js';
export { pruneStreams } from './retention/prune-streams.js';
export type { RetentionOptions } from './retention/retention.js';
export { isTerminal } from './record/open-runs.js';
