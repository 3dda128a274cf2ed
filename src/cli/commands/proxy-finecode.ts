/**
 * `throughline proxy finecode`: an id for each run that a client asks of FineCode's workspace manager. Writes the port
 * file that clients look for and nothing else, and can reach neither the reader nor the WAL.
 */
// Not from the index: what attaches is not loaded to start, and the other way round.
import { stampFinecode } from '../../../adapters/finecode/stamp.js';
import { exitAs } from '../child.js';
import type { Given } from '../command.js';
import { standBeforeFinecode } from '../finecode-front.js';
import { tell } from '../tell.js';

export async function execute(given: Given): Promise<number> {
  const end = await standBeforeFinecode(given, 'proxy finecode', {
    env: process.env,
    warn: tell,
    makeTap: () => ({ client: stampFinecode }),
  });
  return exitAs(end);
}
