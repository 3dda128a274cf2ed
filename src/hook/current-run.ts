/**
 * Which run the calling code belongs to: for handlers that are called by a library, such as those `recordJsonRpc`
 * records. It follows the ambient context, so it is right wherever that is right, and nowhere else.
 */
import { currentContext } from '../context/index.js';
import { ownerOf } from './belonging.js';
import { Run } from './run.js';

/** The run whose function, handler or attempt the calling code is in; `undefined` outside of any. */
export function currentRun(): Run | undefined {
  const context = currentContext();
  const owner = context === undefined ? undefined : ownerOf(context);
  return owner instanceof Run ? owner : undefined;
}
