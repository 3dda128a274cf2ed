/**
 * Records the requests and notifications of a vscode-jsonrpc connection as runs, from a table of methods. Patches
 * `onRequest` and `onNotification` on the connection it is given and imports no vscode package. It never answers, cancels
 * or delays a message by itself, but for the wait until the acceptance is durable.
 */
import { ThroughlineError } from '../context/index.js';
import { describeRun, type RecordedMethod } from './json-rpc-methods.js';
import { OpenRuns, type Token } from './json-rpc-runs.js';
import type { Recorder } from './recorder.js';

/** The parts of a `MessageConnection` that are used. */
export interface RecordableConnection {
  onRequest: (...parameters: never[]) => unknown;
  onNotification?: (...parameters: never[]) => unknown;
  onClose?: (listener: () => void) => unknown;
  onDispose?: (listener: () => void) => unknown;
}

export type RecordedMethods = Readonly<Record<string, RecordedMethod>>;

type Handler = (...parameters: unknown[]) => unknown;
type Register = (...parameters: unknown[]) => unknown;
type Kind = 'onRequest' | 'onNotification';

/**
 * From now on, handlers of the listed methods that are registered on `connection` run inside `recorder.run`, as the
 * run of the message's own span: `run.accepted` is durable before they start, the terminal record before the answer
 * leaves; nobody is answered for a notification, and its record says so. A cancel and a closed connection are recorded
 * and end nothing. Call it before handlers are registered; the connection must have been created with `correlated()`,
 * else messages of these methods fail with `CONNECTION_UNSUPPORTED`. `dispose` stops recording, also for handlers that
 * are registered.
 */
export function recordJsonRpc(
  connection: RecordableConnection,
  recorder: Recorder,
  methods: RecordedMethods,
): { dispose(): void } {
  const runs = new OpenRuns(recorder);
  let isRecording = true;

  const wrap = (handler: Handler, fixedMethod: string | undefined, kind: Kind): Handler => {
    return (...parameters) => {
      // A star handler is told the method first.
      const method = fixedMethod ?? String(parameters[0]);
      const recorded = Object.hasOwn(methods, method) ? methods[method] : undefined;
      const handle = (): unknown => handler(...parameters);
      if (!isRecording || recorded === undefined) return handle();
      const { params, token } = readParameters(parameters, fixedMethod === undefined ? 1 : 0);
      const descriptor = describeRun(method, recorded, params);
      if (kind === 'onRequest') return runs.run({ method, descriptor, token, handle });
      return runs.runUnanswered({ method, descriptor, token: undefined, handle });
    };
  };

  const patch = (kind: Kind): (() => void) => {
    const original = connection[kind] as Register | undefined;
    if (typeof original !== 'function') throw unsupported(`it has no ${kind}`);
    const patched: Register = (...parameters) => {
      const [type, handler, ...rest] = parameters;
      if (typeof type === 'function')
        return original.call(connection, wrap(type as Handler, undefined, kind));
      const method = methodOf(type);
      if (
        method === undefined ||
        typeof handler !== 'function' ||
        !Object.hasOwn(methods, method)
      ) {
        return original.apply(connection, parameters);
      }
      return original.call(connection, type, wrap(handler as Handler, method, kind), ...rest);
    };
    if (!Reflect.set(connection, kind, patched)) throw unsupported('it is frozen');
    return () => {
      if (connection[kind] === (patched as unknown)) Reflect.set(connection, kind, original);
    };
  };

  const undo = [patch('onRequest')];
  if (connection.onNotification !== undefined) undo.push(patch('onNotification'));
  connection.onClose?.(() => runs.clientGone('connection closed'));
  connection.onDispose?.(() => runs.clientGone('connection disposed'));
  return {
    dispose() {
      isRecording = false;
      for (const one of undo) one();
    },
  };
}

/** A method is named by a string or by an object such as `new RequestType('actions/run')`. */
function methodOf(type: unknown): string | undefined {
  if (typeof type === 'string') return type;
  const method = (type as { method?: unknown } | null | undefined)?.method;
  return typeof method === 'string' ? method : undefined;
}

/** A handler is called with its params, one or by position, and a token last. */
function readParameters(
  parameters: readonly unknown[],
  skipped: number,
): { params: unknown; token: Token | undefined } {
  const last = parameters.at(-1);
  const token = isToken(last) ? last : undefined;
  const given = parameters.slice(skipped, token === undefined ? undefined : -1);
  return { params: given.length > 1 ? given : given[0], token };
}

function isToken(value: unknown): value is Token {
  if (typeof value !== 'object' || value === null) return false;
  const { isCancellationRequested, onCancellationRequested } = value as Partial<Token>;
  return (
    typeof isCancellationRequested === 'boolean' && typeof onCancellationRequested === 'function'
  );
}

function unsupported(why: string): ThroughlineError {
  return new ThroughlineError(
    'CONNECTION_UNSUPPORTED',
    `recordJsonRpc cannot record this connection: ${why}`,
  );
}
