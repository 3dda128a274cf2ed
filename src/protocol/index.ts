/** What the adapters and the hook share about messages: scopes, stamps, framing. Writes nothing to disk. */
export { nameConnection, rememberRequest, requestOf } from './request.js';
export type { RequestInfo } from './request.js';
export { callOf, stringParam } from './call.js';
export type { InboundCall } from './call.js';
export { inbound } from './inbound.js';
export type { Env, Inbound, InboundOptions } from './inbound.js';
export { origins } from './origins.js';
export { scopedStrategy } from './strategy.js';
export type { Connection, ScopedStrategy, StrategyOptions } from './strategy.js';
export { scopedCancellation } from './cancellation.js';
export { changeWriter, stampWriter } from './stamp-writer.js';
export type { StampOptions } from './stamp-writer.js';
export { connectionOptions } from './connection-options.js';
export type { ConnectionOptions, UserStrategies } from './connection-options.js';
export type {
  AnyCancellationReceiver,
  AnyCancellationStrategy,
  CancellationReceiver,
  CancellationSender,
  CancellationStrategy,
  CancellationToken,
  CancellationTokenSource,
  Disposable,
  JsonRpcMessage,
  JsonRpcResponse,
  MessageStrategy,
  NotificationSender,
} from './types.js';
export { contentLengthFramer, frameContentLength } from './framing.js';
export { frameLine, lineFramer } from './line-framing.js';
export type { Frame, Framer, FramerOptions } from './framing.js';
export { outline } from './outline.js';
export { findMember, membersAt, readMember } from './outline-member.js';
export { idKey } from './outline-types.js';
export type { CarrierPlace, MessageKind, Outline, Place, Slot, Span } from './outline-types.js';
export { isFinecodeRun, splice, spliceFinecode } from './splice.js';
export type { SpliceForm, SpliceOptions } from './splice.js';
export { readPython } from './python-words.js';
export type { PythonMessage } from './python-words.js';
export { inserted } from './assembly.js';
export type { Insertion } from './assembly.js';
export { FramingGate } from './framing-gate.js';
export { readPlain } from './plain-header.js';
export { RootText, rootPlace } from './root-text.js';
export type { GateOptions } from './framing-gate.js';
export type { Rewrite } from './long-body.js';
