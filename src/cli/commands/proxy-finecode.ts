/**
 * `throughline proxy finecode`: an id for each run that a client asks of FineCode's workspace manager. Writes the port
 * file that clients look for and nothing else, and can reach neither the reader nor the WAL.
 */
import { stampFinecode } from '../../../adapters/finecode/stamp.js';
import { exitAs } from '../child.js';
import type { Given } from '../command.js';
import { finecodeFront } from '../finecode-front.js';
import { tell } from '../tell.js';

export async function execute(given: Given): Promise<number> {
  const stand = finecodeFront(given, 'proxy finecode');
  return exitAs(await stand({ env: process.env, warn: tell, makeTap }));
}

const tap = { client: stampFinecode };

function makeTap(): typeof tap {
  return tap;
}
