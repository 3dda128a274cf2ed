/**
 * How one request of MCP ended, told from its method and its answer. Pure: it records nothing and looks at no more of
 * a result than what says how it went. Serves the protocol until 2025-11-25 and 2026-07-28, which spell tasks apart.
 */
import { cut } from './bounds.js';
import { redactText } from './failure.js';
import type { JsonObject } from '../wal/index.js';

/**
 * `complete`: a result. `tool_error`: a result that says `isError`. `rpc_error`: a JSON-RPC error. `input_required`:
 * the server asked for more, and the client comes back with a request of a new id. `task`: the work goes on under a
 * task id. `cancelled`: somebody cancelled, and no answer is ever sent. `connection_closed`: nobody is there to answer.
 */
export type McpOutcome =
  | 'complete'
  | 'tool_error'
  | 'rpc_error'
  | 'input_required'
  | 'task'
  | 'cancelled'
  | 'connection_closed';

/** A response as it is on the wire, or why there is none. */
export type McpAnswer =
  | { readonly result?: unknown; readonly error?: unknown }
  | 'cancelled'
  | 'connection_closed';

export interface McpEnd {
  readonly outcome: McpOutcome;
  /** What a run that ends so fails with; `undefined` for an end that is no failure. */
  readonly failure: McpFailure | undefined;
  /** What the client polls a task by. */
  readonly taskId: string | undefined;
}

/** A failure that was seen on the wire: its text is cut and redacted when it is recorded. */
export class McpFailure extends Error {
  readonly code: number | string;

  constructor(code: number | string, message: string) {
    super(message);
    this.code = code;
  }
}

/** JSON-RPC codes with which a server says "cancelled". */
const cancelledCodes: ReadonlySet<unknown> = new Set([-32800, -32802]);
/** Methods whose result may be a tool's: `tasks/result` hands on what the tool said. */
const toolMethods: ReadonlySet<string> = new Set(['tools/call', 'tasks/result']);
const taskIdCharsMax = 128;

/** The end of a request of `method`. Never throws, whatever the answer holds. */
export function mcpOutcome(method: string, answer: McpAnswer): McpEnd {
  try {
    return endOf(method, answer);
  } catch {
    // A getter of the host's own result threw. The answer was given all the same.
    return { outcome: 'complete', failure: undefined, taskId: undefined };
  }
}

/** What the run's terminal record says of the end, beside what every terminal record says. */
export function mcpEnding({ outcome, taskId }: McpEnd): JsonObject {
  return { outcome, ...(taskId === undefined ? {} : { task_id: taskId }) };
}

function endOf(method: string, answer: McpAnswer): McpEnd {
  if (typeof answer === 'string') return end(answer, new McpAborted(answer));
  if (answer.error !== undefined) return rpcError(answer.error);
  const result = objectOf(answer.result);
  if (result['resultType'] === 'input_required') return end('input_required');
  const taskId = taskIdOf(result);
  if (taskId !== undefined) return end('task', undefined, taskId === '' ? undefined : taskId);
  if (result['isError'] === true && toolMethods.has(method)) {
    return end('tool_error', new McpFailure('tool_error', firstText(result['content'])));
  }
  return end('complete');
}

function rpcError(error: unknown): McpEnd {
  const { code, message } = objectOf(error);
  const number = typeof code === 'number' && Number.isFinite(code) ? code : 0;
  const failure = new McpFailure(number, redactText(typeof message === 'string' ? message : ''));
  return end(cancelledCodes.has(number) ? 'cancelled' : 'rpc_error', failure);
}

/** Until 2025-11-25 `task: {taskId}`; since 2026-07-28 `resultType: "task"` and the id beside it. */
function taskIdOf(result: Members): string | undefined {
  const isTask = result['resultType'] === 'task';
  const { taskId } = isTask ? result : objectOf(result['task']);
  if (typeof taskId === 'string') return cut(taskId, taskIdCharsMax);
  return isTask ? '' : undefined;
}

/** What a tool says went wrong: its first text. */
function firstText(content: unknown): string {
  if (!Array.isArray(content)) return '';
  for (const block of content) {
    const { text } = objectOf(block);
    if (typeof text === 'string') return redactText(text);
  }
  return '';
}

/** Recorded as `run.cancelled` where a cancel or a hang-up was noted on the run before. */
class McpAborted extends McpFailure {
  override readonly name = 'AbortError';

  constructor(why: 'cancelled' | 'connection_closed') {
    super(why, why === 'cancelled' ? 'cancelled by the client' : 'the connection was closed');
  }
}

function end(outcome: McpOutcome, failure?: McpFailure, taskId?: string): McpEnd {
  return { outcome, failure, taskId };
}

type Members = Readonly<Record<string, unknown>>;

function objectOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}
