/**
 * Instruments one transport object in place: accessors on `onmessage` and `onclose`, and a `send` of its own. In place
 * because SDK 2 recognises its transports by class and shape, and a wrapper object breaks that in three ways.
 */
import { currentContext, runInContext } from '../../context/index.js';
import type { Channel, Outbound, Passed } from './channel.js';

export type Handler = (...args: unknown[]) => unknown;
export type Wrap = (original: Handler) => Handler;

/** The channel is used until the returned function is called; that takes off what is still ours to take off. */
export function instrument(transport: object, channel: Channel, closed: () => void): () => void {
  let isActive = true;
  let delivering: unknown;

  const onmessage: Wrap = (original) =>
    function (this: unknown, message, extra, ...rest) {
      // Handlers are chained: the SDK calls the handler it found from its own. The outer one has set the scope.
      if (!isActive || delivering === message) {
        return Reflect.apply(original, this, [message, extra, ...rest]);
      }
      const outer = delivering;
      const inbound = readInbound(channel, message, extra);
      delivering = inbound.message;
      try {
        return runInContext(inbound.context, () =>
          Reflect.apply(original, this, [inbound.message, extra, ...rest]),
        );
      } finally {
        delivering = outer;
      }
    };
  const onclose: Wrap = (original) =>
    function (this: unknown, ...args) {
      if (isActive) {
        channel.clear();
        closed();
      }
      return Reflect.apply(original, this, args);
    };
  const send: Wrap = (original) =>
    function (this: unknown, message, options, ...rest) {
      const outbound = isActive ? readOutbound(channel, message, options) : undefined;
      if (outbound === undefined)
        return Reflect.apply(original, transport, [message, options, ...rest]);
      const sent = [outbound.message, outbound.options, ...rest];
      const { context } = outbound;
      // Entering a scope costs more than looking which one it is.
      if (context === currentContext()) return Reflect.apply(original, transport, sent);
      return runInContext(context, () => Reflect.apply(original, transport, sent));
    };

  const undo = [
    interceptHandler(transport, 'onmessage', onmessage),
    interceptHandler(transport, 'onclose', onclose),
    replaceMethod(transport, 'send', send),
  ];
  return () => {
    isActive = false;
    channel.clear();
    for (const restore of undo) restore();
  };
}

/** Puts `wrap(original)` in the method's place on this one object. */
export function replaceMethod(target: object, key: string, wrap: Wrap): () => void {
  const before = Object.getOwnPropertyDescriptor(target, key);
  const original: unknown = Reflect.get(target, key);
  if (typeof original !== 'function' || before?.configurable === false) return () => undefined;
  const replacement = wrap(original as Handler);
  const installed = Reflect.defineProperty(target, key, {
    value: replacement,
    writable: true,
    configurable: true,
    enumerable: before?.enumerable ?? false,
  });
  return () => {
    // Somebody who wrapped us meanwhile keeps working: ours passes everything through by then.
    if (!installed || Reflect.get(target, key) !== replacement) return;
    if (before === undefined) Reflect.deleteProperty(target, key);
    else Reflect.defineProperty(target, key, before);
  };
}

/** Wraps whatever is assigned to `target[key]`, now and later, and hands the wrapped function to whoever reads it. */
export function interceptHandler(target: object, key: string, wrap: Wrap): () => void {
  const before = Object.getOwnPropertyDescriptor(target, key);
  if (before?.configurable === false) return () => undefined;
  const base = before === undefined ? inherited(target, key) : before;
  const originals = new WeakMap<object, Handler>();
  let stored: unknown;
  const read = (): unknown => (base?.get === undefined ? stored : base.get.call(target));
  const write = (value: unknown): void => {
    if (base?.set === undefined) stored = value;
    else base.set.call(target, value);
  };
  const wrapped = (value: unknown): unknown => {
    // SDK 2 saves the handler while it probes, and puts it back: what is ours already stays as it is.
    if (typeof value !== 'function' || originals.has(value)) return value;
    const ours = wrap(value as Handler);
    originals.set(ours, value as Handler);
    return ours;
  };
  const current: unknown = Reflect.get(target, key);
  const accessor = { get: read, set: (value: unknown) => write(wrapped(value)) };
  if (!Reflect.defineProperty(target, key, { ...accessor, configurable: true, enumerable: true })) {
    return () => undefined;
  }
  write(wrapped(current));
  return () => {
    if (Object.getOwnPropertyDescriptor(target, key)?.get !== accessor.get) return;
    const last = read();
    const plain = typeof last === 'function' ? (originals.get(last) ?? last) : last;
    Reflect.deleteProperty(target, key);
    if (before?.get !== undefined) Reflect.defineProperty(target, key, before);
    if (before !== undefined || plain !== undefined) Reflect.set(target, key, plain);
  };
}

function inherited(target: object, key: string): PropertyDescriptor | undefined {
  let holder: unknown = Object.getPrototypeOf(target);
  while (typeof holder === 'object' && holder !== null) {
    const found = Object.getOwnPropertyDescriptor(holder, key);
    if (found !== undefined) return found;
    holder = Object.getPrototypeOf(holder);
  }
  return undefined;
}

/** A frontend never hurts its host: what cannot be read (a revoked proxy) is delivered as it came, in nobody's scope. */
function readInbound(channel: Channel, message: unknown, extra: unknown): Passed {
  try {
    return channel.inbound(message, extra);
  } catch {
    return { message, context: undefined };
  }
}

function readOutbound(channel: Channel, message: unknown, options: unknown): Outbound | undefined {
  try {
    return channel.outbound(message, options);
  } catch {
    return undefined;
  }
}
