import { describe, expect, it } from 'vitest';
import { mcpEnding, McpFailure, mcpOutcome, type McpAnswer } from '../../src/hook/mcp-outcome.js';
import { isCancellation } from '../../src/hook/failure.js';

const text = (words: string): object[] => [{ type: 'text', text: words }];

describe('the outcome of an MCP request', () => {
  it.each<[string, string, McpAnswer, string]>([
    ['a result', 'tools/call', { result: { content: [] } }, 'complete'],
    ['an empty result', 'ping', { result: {} }, 'complete'],
    ['a result that is none', 'x', { result: null }, 'complete'],
    ['an answer without either', 'x', {}, 'complete'],
    ['a tool that failed', 'tools/call', { result: { isError: true } }, 'tool_error'],
    ['a task whose tool failed', 'tasks/result', { result: { isError: true } }, 'tool_error'],
    ['`isError` of another method', 'x/y', { result: { isError: true } }, 'complete'],
    ['`isError` that is not true', 'tools/call', { result: { isError: 'no' } }, 'complete'],
    ['a JSON-RPC error', 'tools/call', { error: { code: -32602, message: 'm' } }, 'rpc_error'],
    ['an error that is none', 'tools/call', { error: 'nonsense' }, 'rpc_error'],
    ['RequestCancelled', 'x', { error: { code: -32800, message: 'm' } }, 'cancelled'],
    [
      'a server that asks for more',
      'tools/call',
      { result: { resultType: 'input_required', inputRequests: {}, isError: true } },
      'input_required',
    ],
    ['a task of 2026-07-28', 'tools/call', { result: { resultType: 'task', taskId: 't' } }, 'task'],
    ['a task of 2025-11-25', 'tools/call', { result: { task: { taskId: 't' } } }, 'task'],
    [
      'the state of a task',
      'tasks/get',
      { result: { taskId: 't', status: 'working' } },
      'complete',
    ],
    ['a cancelled request', 'tools/call', 'cancelled', 'cancelled'],
    ['a connection that was closed', 'tools/call', 'connection_closed', 'connection_closed'],
  ])('of %s', (_, method, answer, outcome) => {
    expect(mcpOutcome(method, answer).outcome).toBe(outcome);
  });

  it('says what the client polls a task by', () => {
    const result = { resultType: 'task', taskId: 'task-7' };
    expect(mcpOutcome('tools/call', { result })).toEqual({
      outcome: 'task',
      failure: undefined,
      taskId: 'task-7',
    });
    const long = mcpOutcome('tools/call', { result: { task: { taskId: 'x'.repeat(129) } } });
    expect(long.taskId).toBe(`${'x'.repeat(128)}…[cut 1]`);
  });

  it('is written down by name, with the task it became', () => {
    const task = mcpOutcome('tools/call', { result: { resultType: 'task', taskId: 't' } });
    expect(mcpEnding(task)).toEqual({ outcome: 'task', task_id: 't' });
    expect(mcpEnding(mcpOutcome('ping', { result: {} }))).toEqual({ outcome: 'complete' });
    const nameless = mcpOutcome('tools/call', { result: { resultType: 'task' } });
    expect(mcpEnding(nameless)).toEqual({ outcome: 'task' });
  });

  it('fails a run with the code and the first text, secrets taken out, and with nothing else', () => {
    const content = [{ type: 'image', data: 'AAAA' }, ...text('no: password=hunter2')];
    const tool = mcpOutcome('tools/call', { result: { isError: true, content } });
    expect(tool.failure).toMatchObject({ code: 'tool_error', message: 'no: password=[redacted]' });
    const rpc = mcpOutcome('x', { error: { code: -32602, message: 'bad', data: 'secret' } });
    expect(rpc.failure).toMatchObject({ code: -32602, message: 'bad' });
    expect(Object.keys(rpc.failure ?? {})).toEqual(['code']);
    expect(mcpOutcome('x', { result: {} }).failure).toBeUndefined();
  });

  it('counts as a cancellation only where one was noted', () => {
    for (const answer of ['cancelled', 'connection_closed'] as const) {
      const { failure } = mcpOutcome('x', answer);
      expect(failure).toBeInstanceOf(McpFailure);
      expect(isCancellation(failure, true, undefined)).toBe(true);
      expect(isCancellation(failure, false, undefined)).toBe(false);
    }
  });

  it('never throws: an answer whose members throw was given all the same', () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('hostile');
        },
      },
    );
    expect(mcpOutcome('tools/call', hostile).outcome).toBe('complete');
    expect(mcpOutcome('tools/call', { result: hostile }).outcome).toBe('complete');
  });
});
