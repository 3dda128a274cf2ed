// A server over stdio: `node stdio-server.mjs 1|2`.
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { correlate } from 'throughline/mcp';
import { newServer } from './sdks.mjs';

const options = JSON.parse(process.env.CORRELATE ?? '{}');
const setUp = (server) => correlate(server, options);
if (process.argv[2] === '1') await newServer(1, setUp).connect(new StdioServerTransport());
else serveStdio(() => newServer(2, setUp));
