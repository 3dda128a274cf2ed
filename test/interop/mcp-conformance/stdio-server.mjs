// The server over stdio.
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { newServer } from './everything.mjs';

await newServer().connect(new StdioServerTransport());
