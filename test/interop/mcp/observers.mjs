// oxlint-disable unicorn/prefer-add-event-listener -- An MCP transport has handlers, not listeners.
// Sentry's and OpenTelemetry's instrumentation of MCP, for the test that ours stands beside them in either order.
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import * as Sentry from '@sentry/node';

/** Sentry's own wrapper; `spans` are the MCP spans that it ended. */
export function startSentry() {
  const spans = [];
  Sentry.init({ dsn: 'http://key@127.0.0.1:9/1', tracesSampleRate: 1, transport: () => silent });
  Sentry.getClient().on('spanEnd', (span) => {
    const { name, attributes } = Sentry.spanToJSON(span);
    if (attributes['sentry.op'] === 'mcp.server') spans.push(name);
  });
  return { instrument: (server) => Sentry.wrapMcpServerWithSentry(server), spans: () => spans };
}

const silent = { send: async () => ({}), flush: async () => true };

/** OpenTelemetry has no MCP package for JavaScript: this is what its semantic conventions say one does. */
export function startOtel() {
  const exporter = new InMemorySpanExporter();
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
  const tracer = trace.getTracer('mcp');
  const spans = () => exporter.getFinishedSpans().map((span) => span.name);
  return { instrument: (peer) => instrumentWith(tracer, peer.server ?? peer), spans, tracer };
}

function instrumentWith(tracer, peer) {
  const connect = peer.connect.bind(peer);
  peer.connect = async (transport) => {
    const send = transport.send.bind(transport);
    transport.send = (message, options) => send(injected(message), options);
    const start = transport.start.bind(transport);
    // The handler is there when the transport starts, and no message has come yet.
    transport.start = () => {
      const deliver = transport.onmessage;
      transport.onmessage = (message, extra) =>
        'method' in message && 'id' in message
          ? served(tracer, message, () => deliver(message, extra))
          : deliver(message, extra);
      return start();
    };
    await connect(transport);
  };
}

function injected(message) {
  if (!('method' in message) || trace.getActiveSpan() === undefined) return message;
  const carrier = {};
  propagation.inject(context.active(), carrier);
  const _meta = { ...message.params?._meta, ...carrier };
  return { ...message, params: { ...message.params, _meta } };
}

function served(tracer, message, deliver) {
  const parent = propagation.extract(ROOT_CONTEXT, message.params?._meta ?? {});
  return tracer.startActiveSpan(`${message.method}`, {}, parent, (span) => {
    deliver();
    span.end();
  });
}

export const activeTrace = () => trace.getActiveSpan()?.spanContext().traceId;
export const otelApi = { context, trace };
