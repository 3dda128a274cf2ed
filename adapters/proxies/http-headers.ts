/** The headers of one message to an MCP server over HTTP: what of its body has to stand there, too. */
import { carriedBy } from '../../src/protocol/mcp/caller.js';
import { textMember } from '../../src/protocol/mcp/members.js';
import { formatTraceparent } from '../../src/context/index.js';
import type { Outline } from '../../src/protocol/index.js';

/** Since 2026-07-28 every request names its version, and with it come two more headers. */
const versionKey = 'io.modelcontextprotocol/protocolVersion';
const nameKeys: Readonly<Record<string, string>> = {
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/cancel': 'taskId',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tools/call': 'name',
};

/** The headers that repeat what stands in the message. */
export function mirrored(body: Uint8Array, found: Outline): Record<string, string> {
  const headers: Record<string, string> = {};
  const carried = carriedBy(found);
  if (carried !== undefined) {
    headers['traceparent'] = formatTraceparent(carried);
    const state = textMember(body, found.paramsMeta, 'tracestate');
    if (state !== undefined && headerSafe(state)) headers['tracestate'] = state;
  }
  const version = textMember(body, found.paramsMeta, versionKey);
  if (version === undefined || found.kind !== 'request' || found.method === undefined)
    return headers;
  headers['mcp-protocol-version'] = version;
  headers['mcp-method'] = found.method;
  const key = Object.hasOwn(nameKeys, found.method) ? nameKeys[found.method] : undefined;
  const name = key === undefined ? undefined : textMember(body, found.params, key);
  if (name !== undefined) headers['mcp-name'] = encoded(name);
  return headers;
}

/** As the revision spells what a header cannot hold. */
function encoded(text: string): string {
  if (headerSafe(text) && text.trim() === text && !text.startsWith('=?base64?')) return text;
  return `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}

function headerSafe(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
