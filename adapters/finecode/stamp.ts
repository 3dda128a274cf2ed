/** The context of each run that a client asks for, put into its bytes. Keeps nothing of a message. */
import { Context } from '../../src/context/index.js';
import { isFinecodeRun, readPython, spliceFinecode } from '../../src/protocol/index.js';

/**
 * `actions/run` and `actions/runBatch` with a span of ours: a root, or below the one that the message carries. The same
 * array for everything else. `traceparent` is all that FineCode passes on, so nothing else is said.
 */
export function stampFinecode(body: Uint8Array): Uint8Array {
  const { found } = readPython(body);
  if (!isFinecodeRun(found)) return body;
  return spliceFinecode(body, found, Context.begin({ remote: found.carrier }));
}
