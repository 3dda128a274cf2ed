/**
 * The editor's side: for an extension with vscode-languageclient, whose requests are where an id begins. Changes what
 * is sent to the server, and nothing that comes from it.
 */
import {
  Context,
  currentContext,
  stampMessage,
  type CarrierForm,
} from '../../src/context/index.js';
import {
  callOf,
  changeWriter,
  inbound,
  type Env,
  type InboundCall,
  type JsonRpcMessage,
} from '../../src/protocol/index.js';
import { editorOrigins, servesConnection, startsConnection } from './methods.js';

export interface TransportOptions {
  /** The extension's or editor's name. */
  readonly client?: string | undefined;
  /** Where the context stands in a message. Default `meta`, which every server that was tried tolerates. */
  readonly carrier?: Exclude<CarrierForm, 'finecode'> | undefined;
  /** The environment the editor was started under: its context becomes a link. Default `process.env`. */
  readonly env?: Env | undefined;
  /** Whether new roots are sampled. Default true. */
  readonly sampled?: boolean | undefined;
}

/** Cancels come for recent requests; an older one's carries nothing. */
const requestsRememberedMax = 1024;

/**
 * Server options for `LanguageClient`, from a function that starts the server and returns its `reader` and `writer`:
 * each request and notification is sent with the context it is sent from, and outside of every scope with a new root.
 * A cancel carries the context of the request it cancels. What opens, configures and ends the connection carries none.
 * Starting fails with `ARGUMENT_INVALID` if `writer` is a stream and not a message writer.
 */
export function correlatedTransports<Transports extends { readonly writer: object }>(
  start: () => Promise<Transports>,
  options: TransportOptions = {},
): () => Promise<Transports> {
  return async () => {
    const transports = await start();
    const sender = new Sender(options);
    const writer = changeWriter(transports.writer, (message) => sender.stamp(message));
    return { ...transports, writer };
  };
}

class Sender {
  readonly #options: TransportOptions;
  readonly #links: Context['links'];
  readonly #originOf = editorOrigins();
  readonly #requests = new Map<unknown, Context>();

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#links = inbound({ env: options.env }).links;
  }

  stamp(message: JsonRpcMessage): JsonRpcMessage {
    try {
      const call = callOf(message);
      const context = call === undefined ? undefined : this.#contextOf(call);
      return context === undefined
        ? message
        : stampMessage(message, context, this.#options.carrier);
    } catch {
      // A message that cannot be read or copied is the host's to send.
      return message;
    }
  }

  #contextOf(call: InboundCall): Context | undefined {
    const { method, id } = call;
    if (method === '$/cancelRequest') return this.#requests.get(cancelledBy(call));
    if (startsConnection.has(method) || servesConnection.has(method)) return undefined;
    // Params where there were none are refused by several servers.
    if (this.#options.carrier === 'params-meta' && call.params === undefined) return undefined;
    const context = currentContext() ?? this.#begin(call);
    if (id !== undefined) this.#remember(id, context);
    return context;
  }

  #begin(call: InboundCall): Context {
    const { client, sampled = true } = this.#options;
    return Context.begin({ origin: this.#originOf(call, client), links: this.#links, sampled });
  }

  #remember(id: string | number, context: Context): void {
    this.#requests.set(id, context);
    if (this.#requests.size <= requestsRememberedMax) return;
    for (const oldest of this.#requests.keys()) {
      this.#requests.delete(oldest);
      return;
    }
  }
}

function cancelledBy(call: InboundCall): unknown {
  return (call.params as { id?: unknown } | null | undefined)?.id;
}
