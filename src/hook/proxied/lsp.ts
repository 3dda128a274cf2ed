/**
 * What passes between an editor and its language server, recorded as runs: one for each request that does work, for
 * what the server publishes and for what it asks the editor to edit. A request goes on when its acceptance is as
 * durable as its method asks, with the run's own span in it; its answer leaves when the run's end is. Never answers,
 * changes or drops a message, adds nothing towards the editor, and fails no message for a record's sake.
 */
import type { Context } from '../../context/index.js';
import {
  idKey,
  outline,
  readMember,
  splice,
  type Outline,
  type SpliceForm,
} from '../../protocol/index.js';
import type { Rpc } from '../bounds.js';
import type { Recorder } from '../recorder.js';
import type { JsonObject } from '../../wal/index.js';
import { Documents } from './lsp-documents.js';
import { endOf, members, parse, tokensOf } from './lsp-message.js';
import type { LspMethod } from './lsp-methods.js';
import { LspFailure, LspRun } from './lsp-run.js';
import { LspRuns } from './lsp-runs.js';
import { ServerSide } from './lsp-server-side.js';
import { Waiting } from './waiting.js';

export interface LspRecordingOptions {
  readonly recorder: Recorder;
  readonly methods: ReadonlyMap<string, LspMethod>;
  readonly inject: SpliceForm;
  /** Said once: there are more open requests than can be kept. */
  readonly warn: (message: string) => void;
}

interface Asked {
  readonly run: LspRun;
  readonly method: LspMethod;
  readonly params: unknown;
  /** By which the server tells of its progress. */
  readonly tokens: readonly string[];
}

const changes: ReadonlySet<string> = new Set([
  'textDocument/didOpen',
  'textDocument/didChange',
  'textDocument/didSave',
]);

export class LspRecording {
  readonly #options: LspRecordingOptions;
  readonly #runs: LspRuns;
  readonly #server: ServerSide;
  readonly #documents = new Documents();
  /** The editor's requests, by id. */
  readonly #asked: Waiting<Asked>;
  readonly #tokens = new Map<string, LspRun>();

  constructor(options: LspRecordingOptions) {
    const full = (): void => options.warn('too many requests are open: some are not recorded');
    this.#options = options;
    this.#runs = new LspRuns(options.recorder);
    this.#server = new ServerSide(options.methods, this.#runs, this.#documents, full);
    this.#asked = new Waiting(full);
  }

  /** A message of the editor's, and what goes on to the server. */
  client(body: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const found = outline(body);
    switch (found.kind) {
      case 'request':
        return this.#request(body, found);
      case 'notification':
        return this.#notification(body, found);
      case 'response':
        this.#server.answered(body, found);
        return body;
      default:
        return body;
    }
  }

  /** A message of the server's, which waits until this resolves. */
  answer(body: Uint8Array): Promise<void> | undefined {
    const found = outline(body);
    if (found.kind === 'response') return this.#answered(body, found);
    if (found.method === '$/progress') this.#progress(body);
    return this.#server.said(body, found);
  }

  /** Nobody reads the answers any more. */
  clientGone(reason: string): void {
    for (const { run } of this.#asked.all()) run.note((one) => one.clientGone(reason));
  }

  /** The server is gone, and with it every answer. Resolves when all ends are recorded. */
  async close(why: JsonObject): Promise<void> {
    const failure = new LspFailure('connection_closed', 'the server ended before it answered');
    const ending = { answered: false, execution: 'unknown', ...why };
    for (const { run } of this.#asked.drain()) run.finish({ ending, failure });
    this.#server.close(ending, failure);
    await this.#runs.allRecorded();
  }

  #request(body: Uint8Array, found: Outline): Uint8Array | Promise<Uint8Array> {
    const { method = '', id = '' } = found;
    if (method === 'initialize') this.#runs.learn(body);
    const recorded = this.#options.methods.get(method);
    if (recorded === undefined || !this.#asked.hasRoom()) {
      return this.#stamp(body, found, this.#runs.begin(found));
    }
    const message = parse(body);
    const { params } = message;
    const context = this.#runs.begin(found, members(params)['command']);
    const run = new LspRun({
      ...this.#runs.describe({ method, recorded, params, context }),
      rpc: { connection: 'stdio', id: message['id'] } as Rpc,
    });
    const tokens = tokensOf(params);
    for (const token of tokens) this.#tokens.set(token, run);
    const before = this.#asked.add(idKey(id), { run, method: recorded, params, tokens });
    before?.run.finish({ ending: { reason: 'its id was used again', execution: 'unknown' } });
    return new Promise((goOn) => {
      this.#runs.record(run, () => goOn(this.#stamp(body, found, context)));
    });
  }

  #notification(body: Uint8Array, found: Outline): Uint8Array {
    const { method = '' } = found;
    if (method === '$/cancelRequest') this.#cancel(body);
    if (method.startsWith('$/')) return body;
    const context = this.#runs.begin(found);
    const isClose = method === 'textDocument/didClose';
    if (changes.has(method) || isClose) {
      // Only these two members are read of what may be the whole text of a file.
      const uri = readMember(body, ['params', 'textDocument', 'uri']);
      const version = readMember(body, ['params', 'textDocument', 'version']);
      if (typeof uri !== 'string') return this.#stamp(body, found, context);
      const number = typeof version === 'number' ? version : undefined;
      if (isClose) this.#documents.closed(uri);
      else this.#documents.changed(uri, { version: number, context });
    }
    return this.#stamp(body, found, context);
  }

  /** The server answers all the same, and its answer says what became of the request. */
  #cancel(body: Uint8Array): void {
    const id = readMember(body, ['params', 'id']);
    const asked = id === undefined ? undefined : this.#asked.get(idKey(JSON.stringify(id)));
    asked?.run.note((run) => run.cancelRequested('$/cancelRequest'));
  }

  #answered(body: Uint8Array, found: Outline): Promise<void> | undefined {
    const asked = this.#asked.take(idKey(found.id ?? ''));
    if (asked === undefined) return undefined;
    const { run, method, params, tokens } = asked;
    for (const token of tokens) this.#tokens.delete(token);
    const { result, error } = parse(body);
    const edits = error === undefined ? method.edits?.(result, params) : undefined;
    run.finish({ ...endOf(error), edits });
    return run.isBarrier ? this.#runs.recorded(run) : undefined;
  }

  #progress(body: Uint8Array): void {
    const { token, value } = members(parse(body)['params']);
    const run = this.#tokens.get(JSON.stringify(token) ?? '');
    // What has no kind is a part of the result.
    if (members(value)['kind'] === undefined) run?.note((one) => one.partialSent());
  }

  #stamp(body: Uint8Array, found: Outline, context: Context): Uint8Array {
    if (found.params === 'absent') return body;
    const { inject } = this.#options;
    return splice(body, found, inject, context, { notifications: true, replace: true });
  }
}
