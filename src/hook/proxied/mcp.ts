/**
 * What passes between an MCP client and its server, recorded as runs: one for each request that does work. The request
 * goes on when its acceptance is as durable as its method asks, with the run's own span in it; the answer of a tool
 * leaves when the run's end is. Never answers, changes or drops a message, and never fails one for a record's sake.
 */
import { processClock, type Context } from '../../context/index.js';
import { idKey, outline, type Outline } from '../../protocol/index.js';
import { carriedBy, stampMcp, type McpCaller } from '../../protocol/mcp/caller.js';
import { requestIdOf } from '../../protocol/mcp/members.js';
import type { Rpc } from '../bounds.js';
import type { RunDescriptor } from '../descriptor.js';
import { describeMcp } from '../mcp-methods.js';
import type { McpAnswer } from '../mcp-outcome.js';
import type { Recorder } from '../recorder.js';
import type { JsonObject } from '../../wal/index.js';
import { Asked } from './asked.js';
import { otherKey, Waiting } from './waiting.js';
import { within } from './within.js';

export interface McpRecordingOptions {
  readonly recorder: Recorder;
  readonly caller: McpCaller;
  /** Said once: there are more open requests than can be kept. */
  readonly warn: (message: string) => void;
}

/** The records of one call hold it no longer, on its way there and back together, whatever the disk does. */
const heldMsMax = 1000;

type Message = Readonly<Record<string, unknown>>;

export class McpRecording {
  readonly #recorder: Recorder;
  readonly #caller: McpCaller;
  readonly #waiting: Waiting<Asked>;
  readonly #records = new Map<Asked, Promise<void>>();
  /** Whose answer is passed on before it is looked at. */
  #passing: Asked | undefined;
  #peer: JsonObject = { transport: 'stdio' };
  #gone: string | undefined;

  constructor({ recorder, caller, warn }: McpRecordingOptions) {
    this.#recorder = recorder;
    this.#caller = caller;
    this.#waiting = new Waiting(() => warn('too many requests are open: some are not recorded'));
  }

  /** A message of the client's, and what goes on to the server. */
  client(body: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const found = outline(body);
    if (found.kind === 'request') return this.#request(body, found);
    if (found.kind !== 'notification') return body;
    this.#cancel(body, found);
    return this.#stamped(body, found);
  }

  /** A message of the server's, which waits until this resolves. */
  answer(body: Uint8Array): Promise<void> | undefined {
    const found = outline(body);
    const asked = found.kind === 'response' ? this.#take(found.id) : undefined;
    if (asked?.isBarrier !== true) {
      this.#passing = asked;
      return undefined;
    }
    asked.answered(answerOf(body));
    const record = this.#records.get(asked);
    return record === undefined ? undefined : within(record, heldMsMax - asked.heldMs);
  }

  /** A message of the server's that was passed on, or is waiting. */
  passed(body: Uint8Array): void {
    this.#passing?.answered(answerOf(body));
    this.#passing = undefined;
  }

  /** Nobody reads the answers any more. */
  clientGone(reason: string): void {
    this.#gone ??= reason;
    for (const asked of this.#waiting.all()) asked.clientGone(this.#gone);
  }

  /** The server is gone, and with it every answer. Resolves when all ends are recorded. */
  async close(why: JsonObject): Promise<void> {
    for (const asked of this.#waiting.drain()) asked.closed(why);
    await Promise.all(this.#records.values());
  }

  #request(body: Uint8Array, found: Outline): Uint8Array | Promise<Uint8Array> {
    const { method = '', id = '' } = found;
    if (method === 'initialize') this.#learn(body);
    // Asked without params first: what is no run need not be parsed.
    if (describeMcp(method, undefined) === undefined || !this.#waiting.hasRoom()) {
      return this.#stamped(body, found);
    }
    const message = parse(body);
    const described = describeMcp(method, message['params']);
    if (described === undefined) return this.#stamped(body, found);
    const context = this.#caller.own(body, found);
    const rpc = { connection: 'stdio', id: message['id'] } as Rpc;
    const descriptor = { ...described, context, rpc, ...this.#observed(found) };
    const asked = new Asked({ method, descriptor });
    this.#waiting.add(idKey(id), asked)?.closed({ reason: 'its id was used again' });
    if (this.#gone !== undefined) asked.clientGone(this.#gone);
    return this.#recorded(asked, () => stampMcp(body, found, context));
  }

  #recorded(asked: Asked, stamp: () => Uint8Array): Promise<Uint8Array> {
    return new Promise((goOn) => {
      const record = this.#record(asked, () => goOn(stamp()));
      this.#records.set(asked, record);
    });
  }

  async #record(asked: Asked, goOn: () => void): Promise<void> {
    await asked.record(this.#recorder, goOn);
    this.#records.delete(asked);
  }

  #stamped(body: Uint8Array, found: Outline): Uint8Array {
    const context: Context | undefined = this.#caller.begin(body, found);
    return context === undefined ? body : stampMcp(body, found, context);
  }

  #cancel(body: Uint8Array, found: Outline): void {
    if (found.method !== 'notifications/cancelled') return;
    const { reason } = (parse(body)['params'] ?? {}) as Message;
    // Both SDKs run on and never answer.
    this.#take(requestIdOf(body, found))?.cancelled(
      typeof reason === 'string' ? reason : undefined,
    );
  }

  #take(id: string | undefined): Asked | undefined {
    if (id === undefined) return undefined;
    const key = idKey(id);
    // A peer may answer 1 with "1", and both SDKs accept that.
    return this.#waiting.take(key) ?? this.#waiting.take(otherKey(key));
  }

  #observed(found: Outline): Pick<RunDescriptor, 'peer' | 'clock'> {
    const hlc = carriedBy(found)?.hlc;
    return {
      peer: this.#peer,
      ...(hlc === undefined ? {} : { clock: processClock().merge(hlc) }),
    };
  }

  #learn(body: Uint8Array): void {
    const { clientInfo } = (parse(body)['params'] ?? {}) as Message;
    if (typeof clientInfo === 'object' && clientInfo !== null) {
      this.#peer = { transport: 'stdio', client: clientInfo as JsonObject };
    }
  }
}

function answerOf(body: Uint8Array): McpAnswer {
  const { result, error } = parse(body);
  return error === undefined ? { result } : { error };
}

/** Its members; none where a parser finds what the outline did not. */
function parse(body: Uint8Array): Message {
  try {
    const message: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof message === 'object' && message !== null ? (message as Message) : {};
  } catch {
    return {};
  }
}
