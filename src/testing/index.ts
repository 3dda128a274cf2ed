/** For users' own tests: does my front carry the ids? Knows no test runner. */
export { expectPropagated } from './expect-propagated.js';
export { PropagationError } from './errors.js';
export type {
  CommandFrontOptions,
  Finding,
  FindingKind,
  FrontCommand,
  PropagationOptions,
  PropagationReport,
  RpcCall,
  ServerFrontOptions,
  WmAddress,
} from './types.js';
