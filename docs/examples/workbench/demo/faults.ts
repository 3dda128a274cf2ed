/**
 * Preloaded (`--import`) into the WM and its ERs to prove that the demo can fail: every message leaves with the ids of
 * the one written before it, as happens when ids are added behind a writer's queue. One call at a time hides it; a
 * burst does not. For tests only.
 */
import { StreamMessageWriter, type Message } from 'vscode-jsonrpc/node';

type Stamped = Message & { readonly _meta?: unknown };

// oxlint-disable-next-line typescript/unbound-method -- Called with the writer as `this` below.
const write = StreamMessageWriter.prototype.write;
let previous: unknown;

StreamMessageWriter.prototype.write = function (message: Stamped): Promise<void> {
  const own = message._meta;
  if (own === undefined) return write.call(this, message);
  const late = { ...message, _meta: previous ?? own };
  previous = own;
  return write.call(this, late);
};
