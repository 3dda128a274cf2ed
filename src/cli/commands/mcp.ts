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

/** So long after the end of its input what is under way is still answered. */
const graceMs = 1000;

export async function execute(given: Given): Promise<number> {
  const sdk = await loadSdk();
  // As for every command that reads millions of records: they are garbage at once.
  setFlagsFromString('--semi-space-growth-factor=1');
  const server = serverOf(sdk, new Reading(() => journalOf(given)));
  // The end of its input is how a client ends a server. What is under way may still be answered; a client that is gone is
  // no reason to read a gigabyte.
  const ended = new Promise<void>((settle) => {
    process.stdin.once('end', settle);
    process.stdin.once('close', settle);
  });
  await server.connect(new sdk.StdioServerTransport());
  await ended;
  setTimeout(() => process.exit(exitCode.ok), graceMs).unref();
  return exitCode.ok;
}
