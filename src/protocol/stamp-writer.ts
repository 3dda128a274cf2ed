/**
 * Stamps what a connection sends. The stamp is made when `write` is called: a writer queues, and whoever stamps behind
 * the queue stamps a burst with the ids of its first message. Mints no root: outside of any scope a message stays as
 * it is.
 */
import {
  Context,
  currentContext,
  extractOtel,
  stampMessage,
  ThroughlineError,
  type CarrierForm,
  type OtelApi,
} from '../context/index.js';
import { callOf } from './call.js';
import { stampResponse } from './response-clock.js';
import type { JsonRpcMessage, MessageWriter } from './types.js';

export interface StampOptions {
  /** Where the context stands in a message. Default `meta`: the envelope's `_meta`. */
  readonly carrier?: CarrierForm | undefined;
  /** Whether responses carry this process's clock. For hosts that answer hosts; default false. */
  readonly responses?: boolean | undefined;
  /** `@opentelemetry/api`: outside of any scope its active span, if there is one, is continued. */
  readonly otel?: OtelApi | undefined;
}

/**
 * The writer with every request and notification stamped with the context it is sent from. All other members are the
 * writer's own. Throws `ARGUMENT_INVALID` for something that is not a message writer, such as a bare stream.
 */
export function stampWriter<Writer extends object>(
  writer: Writer,
  options: StampOptions = {},
): Writer {
  return changeWriter(writer, (message) => stamp(message, options));
}

/** The writer that sends what `change` makes of each message, changed when `write` is called. */
export function changeWriter<Writer extends object>(
  writer: Writer,
  change: (message: JsonRpcMessage) => JsonRpcMessage,
): Writer {
  const target = writer as Writer & MessageWriter;
  if (!isMessageWriter(writer)) {
    throw new ThroughlineError(
      'ARGUMENT_INVALID',
      'What stamps messages needs a message writer, such as new StreamMessageWriter(stream)',
    );
  }
  const write = (message: JsonRpcMessage): Promise<void> => target.write(change(message));
  const methods = new WeakMap<object, unknown>();
  // An empty object in front: a frozen writer's own members could not be answered differently.
  return new Proxy(Object.create(writer) as Writer, {
    get(_, property) {
      if (property === 'write') return write;
      const value: unknown = Reflect.get(target, property, target);
      // Classes with private fields need themselves as `this`; one bound function for each keeps identities stable.
      if (typeof value !== 'function') return value;
      if (!methods.has(value)) methods.set(value, value.bind(target));
      return methods.get(value);
    },
    set: (_, property, value) => Reflect.set(target, property, value, target),
  });
}

function stamp(message: JsonRpcMessage, options: StampOptions): JsonRpcMessage {
  try {
    if (callOf(message) === undefined) {
      return options.responses === true ? stampResponse(message) : message;
    }
    const context = currentContext() ?? activeSpan(options.otel);
    return context === undefined ? message : stampMessage(message, context, options.carrier);
  } catch {
    // A message that cannot be read or copied is the host's to send.
    return message;
  }
}

function activeSpan(otel: OtelApi | undefined): Context | undefined {
  const remote = otel === undefined ? undefined : extractOtel(otel);
  return remote === undefined ? undefined : Context.begin({ remote });
}

function isMessageWriter(writer: object): boolean {
  const { write, onError, onClose } = writer as Record<string, unknown>;
  return [write, onError, onClose].every((member) => typeof member === 'function');
}
