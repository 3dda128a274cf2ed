/** What a language server does by itself: it publishes diagnostics and asks the editor for edits. A run each. */
import { Context } from '../../context/index.js';
import { idKey, type Outline } from '../../protocol/index.js';
import type { JsonObject } from '../../wal/index.js';
import type { Documents } from './lsp-documents.js';
import { workspaceEditFiles } from './lsp-edits.js';
import { endOf, members, parse, type Members } from './lsp-message.js';
import type { LspMethod } from './lsp-methods.js';
import { LspFailure, LspRun } from './lsp-run.js';
import type { LspRuns } from './lsp-runs.js';
import { Waiting } from './waiting.js';

const applyEdit = 'workspace/applyEdit';
const publish = 'textDocument/publishDiagnostics';

export class ServerSide {
  readonly #methods: ReadonlyMap<string, LspMethod>;
  readonly #runs: LspRuns;
  readonly #documents: Documents;
  /** The server's requests to the editor, by id: both sides number by themselves. */
  readonly #edits: Waiting<{ readonly run: LspRun; readonly params: Members }>;

  constructor(
    methods: ReadonlyMap<string, LspMethod>,
    runs: LspRuns,
    documents: Documents,
    full: () => void,
  ) {
    this.#methods = methods;
    this.#runs = runs;
    this.#documents = documents;
    this.#edits = new Waiting(full);
  }

  /** A request or notification of the server's, which waits until this resolves. */
  said(body: Uint8Array, found: Outline): Promise<void> | undefined {
    const { method = '' } = found;
    const recorded = this.#methods.get(method);
    if (recorded === undefined) return undefined;
    if (method === applyEdit && found.kind === 'request') {
      return this.#applyEdit(body, found, recorded);
    }
    if (method === publish && found.kind === 'notification') this.#published(body, recorded);
    return undefined;
  }

  /** The editor has answered: what it applied is an effect. */
  answered(body: Uint8Array, found: Outline): void {
    const asked = this.#edits.take(idKey(found.id ?? ''));
    if (asked === undefined) return;
    const { result, error } = parse(body);
    const { applied, failureReason } = members(result);
    const { ending, failure } = endOf(error);
    const refused =
      applied === false
        ? new LspFailure('not_applied', typeof failureReason === 'string' ? failureReason : '')
        : undefined;
    asked.run.finish({
      ending: { ...ending, ...(typeof applied === 'boolean' ? { applied } : {}) },
      failure: failure ?? refused,
      edits: applied === true ? workspaceEditFiles(asked.params['edit']) : [],
    });
  }

  close(ending: JsonObject, failure: LspFailure): void {
    for (const { run } of this.#edits.drain()) run.finish({ ending, failure });
  }

  /** Caused by what is open, if only one thing is: the protocol does not say. */
  #applyEdit(body: Uint8Array, found: Outline, recorded: LspMethod): Promise<void> | undefined {
    if (!this.#edits.hasRoom()) return undefined;
    const params = members(parse(body)['params']);
    const cause = this.#runs.onlyOpen();
    const context = cause?.context?.child() ?? root(applyEdit);
    const described = this.#runs.describe({ method: applyEdit, recorded, params, context });
    const run = new LspRun({
      ...described,
      summary: {
        ...described.summary,
        matched: cause === undefined ? 'none' : 'inferred',
        matched_by: cause === undefined ? 'none' : 'only_open',
      },
    });
    this.#edits.add(idKey(found.id ?? ''), { run, params });
    return new Promise((goOn) => {
      this.#runs.record(run, goOn);
    });
  }

  #published(body: Uint8Array, recorded: LspMethod): void {
    const { uri, version, diagnostics } = members(parse(body)['params']);
    if (typeof uri !== 'string') return;
    const number = typeof version === 'number' ? version : undefined;
    const cause = this.#documents.causeOf(uri, number);
    const context = cause.context?.child() ?? root(publish);
    const run = new LspRun({
      ...this.#runs.describe({ method: publish, recorded, params: undefined, context }),
      answers: false,
      summary: {
        uri,
        version: number,
        diagnostics: Array.isArray(diagnostics) ? diagnostics.length : 0,
        matched: cause.matched,
        matched_by: cause.matchedBy,
      },
    });
    run.finish({ ending: {} });
    this.#runs.record(run, () => undefined);
  }
}

function root(method: string): Context {
  return Context.begin({ origin: { front: 'lsp', method } });
}
