/** `correlate` takes the classes of both SDKs as they are; only compiled. */
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { Server as ServerV1 } from '@modelcontextprotocol/sdk/server/index.js';
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as McpServerV2, Server as ServerV2 } from '@modelcontextprotocol/server';
import { trace, context } from '@opentelemetry/api';
import { correlate, correlatedFetch } from 'throughline/mcp';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';

const info = { name: 'types', version: '1.0.0' };
correlate(new ClientV1(info));
correlate(new ServerV1(info));
correlate(new McpServerV1(info));
correlate(new ClientV2(info), { otel: { trace, context } });
correlate(new ServerV2(info), { trust: 'link', stateKey: new Uint8Array(32) });
correlate(new McpServerV2(info), { otel: { trace, context } }).dispose();
export const v1 = new HttpV1(new URL('http://localhost/'), { fetch: correlatedFetch(fetch) });
export const v2 = new HttpV2(new URL('http://localhost/'), { fetch: correlatedFetch(fetch) });
// @ts-expect-error -- An object without connect is refused by the compiler.
correlate({ name: 'no server' });
