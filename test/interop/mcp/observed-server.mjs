// A server that is correlated and observed: `node observed-server.mjs VERSION sentry|otel ours-first|ours-last`.
import { StdioServerTransport as StdioV1 } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StdioServerTransport as StdioV2 } from '@modelcontextprotocol/server/stdio';
import { currentContext } from 'throughline';
import { correlate } from 'throughline/mcp';
import { z } from 'zod';
import { activeTrace, startOtel, startSentry } from './observers.mjs';
import { newServer } from './sdks.mjs';

const [version, observer, order] = process.argv.slice(2);
const { instrument, spans } = observer === 'sentry' ? startSentry() : startOtel();
const text = (value) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });

const server = newServer(Number(version), (made) => {
  if (order === 'ours-first') correlate(made, { env: {} });
  instrument(made);
  if (order === 'ours-last') correlate(made, { env: {} });
});
const marked = version === '1' ? { marker: z.string() } : z.object({ marker: z.string() });
server.registerTool('both', { inputSchema: marked }, async ({ marker }) => {
  await new Promise((resolve) => {
    setTimeout(resolve, Math.random() * 5);
  });
  return text({ marker, trace: currentContext()?.traceId, theirs: activeTrace() });
});
server.registerTool('spans', {}, async () => text({ spans: spans() }));
await server.connect(version === '1' ? new StdioV1() : new StdioV2());
