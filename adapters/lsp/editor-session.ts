/** One editor's connection: who the editor is, and which of its messages are not requests of their own. */
import { Context } from '../../src/context/index.js';
import type { Connection, Inbound, InboundCall } from '../../src/protocol/index.js';
import {
  editorOrigins,
  nameCharsMax,
  servesConnection,
  startsConnection,
  type OriginOf,
} from './methods.js';

export interface SessionOptions {
  readonly client?: string | undefined;
  readonly sampled?: boolean | undefined;
}

export class EditorSession implements Connection {
  readonly name: string;
  readonly #messages: Inbound;
  readonly #sampled: boolean;
  readonly #originOf: OriginOf = editorOrigins();
  #client: string | undefined;
  #scope: Context | undefined;

  constructor(name: string, messages: Inbound, options: SessionOptions) {
    this.name = name;
    this.#messages = messages;
    this.#sampled = options.sampled ?? true;
    this.#client = options.client;
  }

  /** The context that a message of the editor runs in. */
  contextOf(call: InboundCall): Context {
    if (call.method === 'initialize') this.#client ??= clientName(call);
    if (startsConnection.has(call.method)) return this.#connectionScope(call);
    if (servesConnection.has(call.method) && this.#messages.extract(call) === undefined) {
      return this.#connectionScope(call);
    }
    return this.#messages.begin(call, this.name, this.#originOf(call, this.#client));
  }

  /** One context for all of it. What started the connection is its cause, not its parent: it lives on. */
  #connectionScope(call: InboundCall): Context {
    this.#scope ??= Context.begin({
      remote: this.#messages.extract(call),
      trust: 'link',
      origin: this.#originOf(call, this.#client),
      links: this.#messages.links,
      sampled: this.#sampled,
    });
    return this.#scope;
  }
}

/** `params.clientInfo.name`, which is optional since LSP 3.15. */
function clientName(call: InboundCall): string | undefined {
  const info = (call.params as { clientInfo?: unknown } | null | undefined)?.clientInfo;
  if (typeof info !== 'object' || info === null) return undefined;
  const { name } = info as { name?: unknown };
  return typeof name === 'string' ? name.slice(0, nameCharsMax) : undefined;
}
