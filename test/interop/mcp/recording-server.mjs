// A recorded server of SDK 2: `node recording-server.mjs stdio|http`. Both eras, from one factory.
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { currentContext } from 'throughline';
import { currentRun, openRecorder, recordMcp } from 'throughline/hook';
import { correlate } from 'throughline/mcp';
import { newServer } from './sdks.mjs';

const recorder = await openRecorder({ role: 'wm', sync: 'inline' });
const order = process.env.ORDER ?? 'record-only';
const factory = () => {
  const server = newServer(2, (made) => {
    if (order === 'correlate-first') correlate(made);
    recordMcp(made, recorder);
    if (order === 'record-first') correlate(made);
  });
  server.registerTool('ids', {}, async () => {
    const { traceId: trace, spanId: span } = currentContext();
    const text = JSON.stringify({ trace, span, run: currentRun()?.id });
    return { content: [{ type: 'text', text }] };
  });
  server.registerTool('waits', {}, async (ctx) => {
    await new Promise((resolve) => {
      ctx.mcpReq.signal.addEventListener('abort', resolve, { once: true });
    });
    throw new Error('given up');
  });
  return server;
};
const finish = async () => {
  // A handler whose client is gone settles a moment later.
  await new Promise((resolve) => {
    setTimeout(resolve, 200);
  });
  await recorder.close();
  process.exit(0);
};
if (process.argv[2] === 'stdio') {
  serveStdio(factory);
  process.stdin.once('end', () => void finish());
} else {
  const serve = toNodeHandler(createMcpHandler(factory));
  const handle = (request, response) => void serve(request, response);
  const site = createServer(handle);
  site.listen(0, '127.0.0.1', () => console.log(site.address().port));
  process.stdin.once('end', () => void finish()).resume();
}
