/** The open runs of one language server: what they share, and which of them the server may be working for. */
import { Context, type Origin } from '../../context/index.js';
import type { Outline } from '../../protocol/index.js';
import { pickScalars } from '../bounds.js';
import type { RunDescriptor } from '../descriptor.js';
import type { Recorder } from '../recorder.js';
import type { JsonObject } from '../../wal/index.js';
import { members, parse } from './lsp-message.js';
import type { LspMethod } from './lsp-methods.js';
import type { LspRun } from './lsp-run.js';

const nameCharsMax = 128;

export interface RunSource {
  readonly method: string;
  readonly recorded: LspMethod;
  readonly params: unknown;
  readonly context: Context;
}

export class LspRuns {
  readonly #recorder: Recorder;
  readonly #records = new Map<LspRun, Promise<void>>();
  #client: string | undefined;
  #peer: JsonObject = { transport: 'stdio' };

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Who the editor says it is. */
  learn(body: Uint8Array): void {
    const { clientInfo } = members(parse(body)['params']);
    const { name } = members(clientInfo);
    if (typeof name !== 'string') return;
    this.#client = name.slice(0, nameCharsMax);
    this.#peer = { transport: 'stdio', client: clientInfo as JsonObject };
  }

  /** The context of an editor's message: what it carries continued, or a root. */
  begin(found: Outline, name?: unknown): Context {
    return Context.begin({ remote: found.carrier, origin: this.#originOf(found, name) });
  }

  describe({ method, recorded, params, context }: RunSource): RunDescriptor {
    return {
      action: method,
      context,
      params,
      devEnv: 'ide',
      durability: recorded.durability,
      summary: pickScalars(params, recorded.summary),
      peer: this.#peer,
    };
  }

  /** Opens the run's record; `goOn` is called when its message may go on. */
  record(run: LspRun, goOn: () => void): void {
    const recorded = run.record(this.#recorder, goOn).finally(() => this.#records.delete(run));
    this.#records.set(run, recorded);
  }

  /** Resolves when the run's end is recorded. */
  recorded(run: LspRun): Promise<void> | undefined {
    return this.#records.get(run);
  }

  async allRecorded(): Promise<void> {
    await Promise.all(this.#records.values());
  }

  /** A command that is open, if there is one; else whatever the editor waits for; nothing when there are several. */
  onlyOpen(): LspRun | undefined {
    const open = [...this.#records.keys()].filter(({ isAsked }) => isAsked);
    const commands = open.filter(({ method }) => method === 'workspace/executeCommand');
    const [first, second] = commands.length > 0 ? commands : open;
    return second === undefined ? first : undefined;
  }

  #originOf(found: Outline, name: unknown): Origin | undefined {
    // What an earlier front said of itself stays.
    if (found.carrier?.origin !== undefined) return undefined;
    return {
      front: 'lsp',
      ...(found.method === undefined ? {} : { method: found.method }),
      ...(typeof name === 'string' ? { name: name.slice(0, nameCharsMax) } : {}),
      ...(this.#client === undefined ? {} : { client: this.#client }),
    };
  }
}
