// A root of 1,000,000 records: what each tool takes in time and memory, and how long a ping waits meanwhile.
import { readFileSync, rmSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { generate, generateWide } from '../../support/generate.mjs';

const requests = 125_000;
const memoryMibMax = 400;
const callMsMax = 300_000;
const pingEveryMs = 100;

/** Prints a table; returns what is wrong. */
export async function measure(root, bin) {
  const { ids, records } = generate(root, { streams: 16, requests, idEvery: 10_000 });
  const { correlationId } = generateWide(root, { seed: 7 });
  const client = new Client({ name: 'interop', version: '1' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [bin, 'mcp', '--root', root],
  });
  await client.connect(transport);
  const memoryMib = () => {
    // Linux only.
    const status = readFileSync(`/proc/${transport.pid}/status`, 'utf8');
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024);
  };
  const calls = [
    { name: 'run_outline', given: { run: ids[3] } },
    { name: 'get_records', given: { run: ids[3] } },
    { name: 'compare', given: { a: ids[3], b: correlationId } },
    { name: 'list_runs', given: {} },
    { name: 'list_runs', given: { filter: { failed: true } } },
    { name: 'run_outline', given: { run: '@0' } },
    { name: 'in_flight', given: {} },
    { name: 'who', given: { path: '/home/me/project/src/module_17.py' } },
    { name: 'verify', given: {} },
    { name: 'reconcile', given: {} },
  ];
  const problems = [];
  const rows = [];
  for (const { name, given } of calls) {
    const { ms, slowestPingMs, progress, result } = await timed(client, name, given);
    const [{ text }] = result.content;
    const bytes = Buffer.byteLength(text);
    rows.push({ name, given: JSON.stringify(given), ms, slowestPingMs, progress, bytes });
    if (result.isError) problems.push(`${name}: ${text}`);
  }
  console.log(`${records} records and a run of 498 spans; peak ${memoryMib()} MiB`);
  console.table(rows);
  if (memoryMib() > memoryMibMax) problems.push(`${memoryMib()} MiB, at most ${memoryMibMax}`);
  await client.close();
  rmSync(root, { recursive: true });
  return problems;
}

async function timed(client, name, given) {
  let [progress, slowestPingMs] = [0, 0];
  const waits = [];
  const pinging = setInterval(() => {
    const began = performance.now();
    const wait = async () => {
      await client.ping({ timeout: callMsMax });
      slowestPingMs = Math.max(slowestPingMs, Math.round(performance.now() - began));
    };
    waits.push(wait());
  }, pingEveryMs);
  const began = performance.now();
  const options = {
    timeout: callMsMax,
    onprogress: () => {
      progress += 1;
    },
  };
  const result = await client.callTool({ name, arguments: given }, undefined, options);
  const ms = Math.round(performance.now() - began);
  clearInterval(pinging);
  await Promise.all(waits);
  return { ms, slowestPingMs, progress, result };
}
