/** The runs that one client asks of FineCode's workspace manager, from its messages and their answers. */
import { Context } from '../../context/index.js';
import {
  idKey,
  isFinecodeRun,
  readMember,
  readPython,
  spliceFinecode,
  type PythonMessage,
} from '../../protocol/index.js';
import type { JsonObject } from '../../wal/index.js';
import {
  endOfAnswer,
  FinecodeAborted,
  FinecodeFailure,
  FinecodeResults,
  partialOf,
} from './finecode-answer.js';
import { finecodeRequest } from './finecode-request.js';
import { describeFinecode, dispatchOf, finecodeOrigin, onlyAction } from './finecode-run.js';
import { LspRun } from './lsp-run.js';
import { Waiting } from './waiting.js';
import { within } from './within.js';

/** The records of one run hold it no longer, on its way there and back together, whatever the disk does. */
const heldMsMax = 1000;
const clientIdCharsMax = 128;

/** Where the runs of all connections are recorded. */
export interface RecordedRuns {
  /** Opens the run's record; `goOn` is called when its message may go on. */
  record(run: LspRun, goOn: () => void): void;
  /** Resolves when the run's end is recorded. */
  recorded(run: LspRun): Promise<void> | undefined;
  /** How the process ended, if that is why a connection did. */
  whyEnded(): Promise<JsonObject>;
  /** The connection is closed. */
  forget(connection: FinecodeConnection): void;
}

interface Asked {
  readonly run: LspRun;
  readonly results: FinecodeResults;
  readonly action: string | undefined;
  /** By which parts of its result are told, as JSON text. */
  readonly token: string | undefined;
  heldMs: number;
}

export class FinecodeConnection {
  readonly #name: string;
  readonly #recording: RecordedRuns;
  readonly #waiting: Waiting<Asked>;
  readonly #tokens = new Map<string, Asked>();
  #clientId: string | undefined;
  #gone: string | undefined;

  constructor(name: string, full: () => void, recording: RecordedRuns) {
    this.#name = name;
    this.#recording = recording;
    this.#waiting = new Waiting(full);
  }

  /** A message of the client's, and what goes on to the workspace manager. */
  client(body: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const message = readPython(body);
    const { found } = message;
    if (isFinecodeRun(found)) return this.#run(body, message);
    if (found.method === 'client/initialize') {
      const id = readMember(message.read, ['params', 'clientId']);
      if (typeof id === 'string') this.#clientId = id.slice(0, clientIdCharsMax);
    }
    if (found.method === '$/cancelRequest') {
      const id = readMember(message.read, ['params', 'id']);
      const asked = id === undefined ? undefined : this.#waiting.get(idKey(JSON.stringify(id)));
      asked?.run.note((run) => run.cancelRequested('$/cancelRequest'));
    }
    return body;
  }

  /** A message of the workspace manager's, which waits until this resolves. */
  answer(body: Uint8Array): Promise<void> | undefined {
    if (this.#waiting.isEmpty) return undefined;
    const { found, read } = readPython(body);
    if (found.method === 'actions/partialResult') this.#partial(read, found.params);
    if (found.kind !== 'response') return undefined;
    const asked = this.#waiting.take(idKey(found.id ?? ''));
    if (asked === undefined) return undefined;
    if (asked.token !== undefined) this.#tokens.delete(asked.token);
    asked.run.finish(endOfAnswer(read, asked.results));
    const record = asked.run.isBarrier ? this.#recording.recorded(asked.run) : undefined;
    return record === undefined ? undefined : within(record, heldMsMax - asked.heldMs);
  }

  /** The client has said its last word. FineCode's workspace manager gives up what it asked for. */
  clientGone(reason: string): void {
    this.#gone ??= reason;
    for (const { run } of this.#waiting.all()) run.note((one) => one.clientGone(this.#gone));
  }

  /** No answer can come any more. */
  closed(): void {
    this.#recording.forget(this);
    const left = this.#waiting.drain();
    this.#tokens.clear();
    if (left.length > 0) void this.#end(left);
  }

  async #end(left: readonly Asked[]): Promise<void> {
    const unanswered = { answered: false, execution: 'unknown' };
    if (this.#gone !== undefined) {
      const failure = new FinecodeAborted('client_gone', 'the client went before the answer');
      const ending = { outcome: 'client_gone', ...unanswered };
      for (const { run } of left) run.finish({ ending, failure });
      return;
    }
    const why = await this.#recording.whyEnded();
    const failure = new FinecodeFailure('connection_closed', 'it ended before it answered');
    const ending = { outcome: 'connection_closed', ...unanswered, ...why };
    for (const { run } of left) run.finish({ ending, failure });
  }

  #run(body: Uint8Array, { found, read }: PythonMessage): Uint8Array | Promise<Uint8Array> {
    const { params, id = '', method = '' } = found;
    const start = typeof params === 'object' ? params.start - 1 : 0;
    const request = finecodeRequest(body, read, start);
    const origin = finecodeOrigin(method, request, this.#clientId);
    const context = Context.begin({ remote: found.carrier, origin });
    const dispatched = dispatchOf(request, context);
    const stamped = spliceFinecode(body, found, dispatched.context);
    if (!this.#waiting.hasRoom()) return stamped;
    const run = new LspRun({
      ...describeFinecode({ request, method, context, dispatched }),
      rpc: { connection: this.#name, id: idOf(id) },
      peer: {
        transport: 'tcp',
        ...(this.#clientId === undefined ? {} : { client_id: this.#clientId }),
      },
    });
    const token = tokenKey(read, start);
    const action = onlyAction(request);
    const asked: Asked = { run, results: new FinecodeResults(), action, token, heldMs: 0 };
    if (token !== undefined) this.#tokens.set(token, asked);
    const before = this.#waiting.add(idKey(id), asked);
    before?.run.finish({ ending: { reason: 'its id was used again', execution: 'unknown' } });
    const sinceMs = performance.now();
    return new Promise((goOn) => {
      this.#recording.record(run, () => {
        asked.heldMs = performance.now() - sinceMs;
        goOn(stamped);
      });
    });
  }

  #partial(read: Uint8Array, params: PythonMessage['found']['params']): void {
    if (this.#tokens.size === 0 || typeof params !== 'object') return;
    const partial = partialOf(read, params.start - 1);
    const asked = partial === undefined ? undefined : this.#tokens.get(partial.token);
    if (asked === undefined) return;
    partial?.tell(asked.results, asked.action);
    asked.run.note((run) => run.partialSent());
  }
}

/** The token that partial results will name, as JSON text. */
function tokenKey(read: Uint8Array, start: number): string | undefined {
  const value = readMember(read.subarray(start), ['partialResultToken']);
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}

/** A number that JavaScript would round stays a text. */
function idOf(id: string): string | number {
  const value: unknown = JSON.parse(id);
  return typeof value === 'number' && !Number.isSafeInteger(value)
    ? id
    : (value as string | number);
}
