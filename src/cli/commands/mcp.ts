/**
 * `throughline mcp`: an MCP server over stdio, for agents. Reads and answers; stdout is the protocol's, and nothing else
 * is ever printed there.
 */
import { setFlagsFromString } from 'node:v8';
import { Reading } from '../agent/reading.js';
import { loadSdk } from '../agent/sdk.js';
import { serverOf } from '../agent/server.js';
import { exitCode, type Given } from '../command.js';
import { journalOf } from '../open-story.js';

export async function execute(given: Given): Promise<number> {
  const sdk = await loadSdk();
  // As for every command that reads millions of records: they are garbage at once.
  setFlagsFromString('--semi-space-growth-factor=1');
  const server = serverOf(sdk, new Reading(() => journalOf(given)));
  // The end of its input is how a client ends a server. What is under way is answered before the process ends.
  const ended = new Promise<void>((settle) => {
    process.stdin.once('end', settle);
    process.stdin.once('close', settle);
  });
  await server.connect(new sdk.StdioServerTransport());
  await ended;
  return exitCode.ok;
}
