/** `recordMcp` at its edges, on an object in the shape of an SDK's server. With real ones: test/mcp, test/interop/mcp. */
import { describe, expect, it } from 'vitest';
import { recordMcp, type RecordMcpOptions } from '../../src/hook/index.js';
import type { OnFailure } from '../../src/wal/index.js';
import { memoryRecorder, type MemoryStream } from './memory-stream.js';

type HandlerOf = (request: object, extra: object) => unknown;

class Peer {
  readonly _requestHandlers = new Map<string, HandlerOf>();
  fallbackRequestHandler: HandlerOf | undefined;
  async connect(): Promise<void> {}
  /** As both SDKs do for an inbound request. */
  async receive(request: { method: string }, extra: object = {}): Promise<unknown> {
    const handler = this._requestHandlers.get(request.method) ?? this.fallbackRequestHandler;
    return await handler?.({ id: 1, ...request }, extra);
  }
}

function recorded(
  options: RecordMcpOptions = {},
  onFailure: OnFailure = 'degrade',
): { peer: Peer; stream: MemoryStream; started: string[]; dispose: () => void } {
  const { stream, recorder } = memoryRecorder(onFailure);
  const peer = new Peer();
  const started: string[] = [];
  const note: HandlerOf = (request) => {
    started.push((request as { method: string }).method);
    return { content: [] };
  };
  peer._requestHandlers.set('tools/call', note);
  peer.fallbackRequestHandler = note;
  const { dispose } = recordMcp(peer, recorder, { correlate: { env: {} }, ...options });
  return { peer, stream, started, dispose };
}

const tool = (
  params: object = { name: 'lint', arguments: { path: 'a' } },
): { method: string; params: object } => ({ method: 'tools/call', params });

describe('recordMcp', () => {
  it('does not begin work that was cancelled while its acceptance became durable', async () => {
    const { peer, stream, started } = recorded();
    stream.mode = 'hold';
    const abort = new AbortController();
    const answer = peer.receive(tool(), { signal: abort.signal });
    abort.abort('enough');
    stream.release();
    await expect(answer).rejects.toBe('enough');
    expect(started).toEqual([]);
    expect(stream.events()).toEqual(['run.accepted', 'run.cancel_requested', 'run.cancelled']);
    expect(stream.find('run.cancelled').payload).toMatchObject({
      outcome: 'cancelled',
      answered: false,
    });
  });

  it('starts nothing that it cannot record when the host asked for that', async () => {
    const { peer, stream, started } = recorded({}, 'reject');
    stream.mode = 'refuse';
    await expect(peer.receive(tool())).rejects.toMatchObject({ code: 'APPEND_REJECTED' });
    expect(started).toEqual([]);
  });

  it('serves requests that it cannot record otherwise', async () => {
    const { peer, stream, started } = recorded();
    stream.mode = 'refuse';
    await expect(peer.receive(tool())).resolves.toEqual({ content: [] });
    expect(started).toEqual(['tools/call']);
  });

  it('hashes a tool call without its `_meta`, so that a retry has the same hash, and keeps no argument', async () => {
    const { peer, stream } = recorded();
    const params = { name: 'lint', arguments: { path: 'secret' } };
    await peer.receive(tool(params));
    await peer.receive(tool({ ...params, _meta: { progressToken: 2 } }));
    await peer.receive(tool({ ...params, arguments: { path: 'other' } }));
    const hashes = stream.records.map((record) => record.payload?.['params_hash']);
    const [first, , second, , third] = hashes;
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(JSON.stringify(stream.records)).not.toContain('secret');
  });

  it('records what the table of methods says, over its own', async () => {
    const { peer, stream, started } = recorded({
      methods: {
        'tools/call': { durability: 'relaxed', summary: ['arguments.path'], hash: false },
        'prompts/get': false,
        'server/discover': {},
      },
    });
    await peer.receive(tool());
    await peer.receive({ method: 'prompts/get' });
    await peer.receive({ method: 'server/discover' });
    await peer.receive({ method: 'initialize' });
    expect(started).toEqual(['tools/call', 'prompts/get', 'server/discover', 'initialize']);
    const accepted = stream.records.filter((record) => record.event_type === 'run.accepted');
    expect(accepted.map((record) => record.action_name)).toEqual(['lint', 'server/discover']);
    expect(accepted[0]?.payload).toMatchObject({
      durability: 'relaxed',
      summary: { method: 'tools/call', name: 'lint', 'arguments.path': 'a' },
    });
    expect(accepted[0]?.payload?.['params_hash']).toBeUndefined();
  });

  it('hands on whatever a handler throws, and the result object itself', async () => {
    const { peer, stream } = recorded();
    const result = { isError: true, content: [] };
    peer._requestHandlers.set('tools/call', () => result);
    expect(await peer.receive(tool())).toBe(result);
    for (const thrown of [undefined, null, 'text', { code: 7 }, new TypeError('mine')]) {
      peer._requestHandlers.set('tools/call', () => {
        throw thrown;
      });
      const caught = await peer.receive(tool()).then(
        () => 'nothing',
        (error: unknown) => error,
      );
      expect(caught).toBe(thrown);
    }
    expect(new Set(stream.events())).toEqual(new Set(['run.accepted', 'run.failed']));
  });

  it('counts a second call for nothing, and leaves nothing behind when disposed', () => {
    const { recorder } = memoryRecorder();
    const peer = new Peer();
    const before = Object.getOwnPropertyNames(peer._requestHandlers);
    const recording = recordMcp(peer, recorder);
    expect(recordMcp(peer, recorder)).toBe(recording);
    recording.dispose();
    recording.dispose();
    expect(Object.getOwnPropertyNames(peer._requestHandlers)).toEqual(before);
    expect(Object.getOwnPropertyDescriptor(peer, 'fallbackRequestHandler')).toMatchObject({
      value: undefined,
    });
    expect(recordMcp(peer, recorder)).not.toBe(recording);
  });

  it('refuses an object whose handlers it cannot find with a typed error', () => {
    const { recorder } = memoryRecorder();
    expect(() => recordMcp({ connect: async () => undefined }, recorder)).toThrow(
      expect.objectContaining({ code: 'CONNECTION_UNSUPPORTED' }),
    );
  });
});
