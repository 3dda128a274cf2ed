/**
 * Which requests of MCP are runs, and what is kept of them: the method and the tool's name, never the arguments. Shared
 * by both recorders, so that a run is recorded alike whether the server records itself or a proxy does it.
 */
import { describeRun, type RecordedMethod } from './json-rpc-methods.js';
import type { RunDescriptor } from './descriptor.js';
import type { Scalar } from './bounds.js';

/** `false`: requests of this method are no runs. */
export type McpMethods = Readonly<Record<string, RecordedMethod | false>>;

/** Requests about the connection and about runs that are recorded already: they do no work of their own. */
const unrecorded: ReadonlySet<string> = new Set([
  'initialize',
  'logging/setLevel',
  'ping',
  'server/discover',
  'subscriptions/listen',
  'tasks/cancel',
  'tasks/get',
  'tasks/list',
  'tasks/result',
  'tasks/update',
]);

/**
 * The run of one request but for its context, or `undefined` for a request that is none. A tool is what it is called;
 * everything else is its method. What does not call a tool is `relaxed`: recorded, and waited for by nobody.
 */
export function describeMcp(
  method: string,
  params: unknown,
  methods: McpMethods = {},
): RunDescriptor | undefined {
  const given = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (given === false || (given === undefined && unrecorded.has(method))) return undefined;
  const isTool = method === 'tools/call';
  const name = nameOf(params);
  const described = describeRun(
    method,
    {
      durability: isTool ? 'barrier' : 'relaxed',
      ...(isTool && name !== undefined ? { action: name } : {}),
      ...given,
    },
    hashed(params),
  );
  const summary: Record<string, Scalar | undefined> = { method, ...described.summary };
  if (name !== undefined) summary['name'] ??= name;
  return { ...described, summary };
}

/** A tool's or a prompt's name. */
function nameOf(params: unknown): string | undefined {
  const { name } = membersOf(params);
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Params without `_meta`: it holds ids and tokens, which differ between a request and the same one again. */
function hashed(params: unknown): unknown {
  const { _meta, ...rest } = membersOf(params);
  return _meta === undefined ? params : rest;
}

function membersOf(params: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof params === 'object' && params !== null && !Array.isArray(params);
  return isObject ? (params as Readonly<Record<string, unknown>>) : {};
}
