/** For workspace managers and extension runners: what they do for a request, recorded durably. */
export { currentRun } from './current-run.js';
export { pickScalars } from './bounds.js';
export type { Rpc, Scalar } from './bounds.js';
export type { Attempt, CancelSignal, Dispatch, RunDescriptor } from './descriptor.js';
export type { FileState, FileUrl, Fingerprint, Touch } from './effect.js';
export { openRecorder } from './open.js';
export type { RecorderOptions } from './open.js';
export { paramsHash } from './params-hash.js';
export { recordJsonRpc } from './record-json-rpc.js';
export type { RecordableConnection, RecordedMethods } from './record-json-rpc.js';
export type { RecordedMethod } from './json-rpc-methods.js';
export type { Recorder, RecorderMetrics, RunnerEvent } from './recorder.js';
export type { OpenRun } from './recover.js';
export type { Resolution } from './resolved.js';
export type { Run } from './run.js';
export type { Durability, Json, JsonObject, OnFailure, StreamMetrics } from '../wal/index.js';
