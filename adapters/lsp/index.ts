/**
 * Language servers on vscode-languageserver: `correlated` gives every message of the editor a scope of its own,
 * `stampWriter` stamps what goes to the workspace manager. For extensions, `correlatedTransports` stamps what goes to
 * the server. Imports no vscode package, writes nothing, and adds nothing to what goes to the editor: at least one
 * editor refuses any member it does not know.
 */
export { correlated } from './correlated.js';
export type { CorrelatedOptions } from './correlated.js';
export { correlatedTransports } from './transports.js';
export type { TransportOptions } from './transports.js';
export { showIds } from './show-ids.js';
export type { TracedConnection } from './show-ids.js';
export { requestOf, stampWriter } from '../../src/protocol/index.js';
export type { ConnectionOptions, RequestInfo, StampOptions } from '../../src/protocol/index.js';
