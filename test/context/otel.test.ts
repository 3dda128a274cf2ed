import { expect, test } from 'vitest';
import { Context, extract, extractOtel, inject, type OtelApi } from '../../src/context/index.js';

const upstream = Context.begin({ origin: { front: 'mcp', name: 'lint' } });

function apiWith(span: unknown): OtelApi {
  return {
    context: { active: () => ({}) },
    trace: { getSpanContext: () => span as ReturnType<OtelApi['trace']['getSpanContext']> },
  };
}

test('the active span is the parent and its trace id the correlation id', () => {
  const remote = extractOtel(
    apiWith({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      traceFlags: 1,
    }),
  );
  const context = Context.begin({ remote });
  expect(context.traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  expect(context.parentSpanId).toBe('00f067aa0ba902b7');
  expect(context.flags).toBe(1);
});

test('a tl that OpenTelemetry read for us is ours again, and the next hop can read what we write', () => {
  const carrier = inject(upstream);
  const remote = extractOtel(
    apiWith({
      traceId: upstream.traceId,
      spanId: upstream.spanId,
      traceFlags: 3,
      traceState: { serialize: () => `${carrier.tracestate},rojo=1` },
    }),
  )!;
  expect(remote.origin).toEqual({ front: 'mcp', name: 'lint' });
  expect(remote.tracestate).toEqual([{ key: 'rojo', value: '1' }]);
  const next = extract(inject(Context.begin({ remote })));
  expect(next?.hlc).toBeDefined();
  expect(next?.tracestate).toEqual([{ key: 'rojo', value: '1' }]);
});

test('without an active span there is none', () => {
  expect(extractOtel(apiWith(undefined))).toBeUndefined();
  const invalid = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 };
  expect(extractOtel(apiWith(invalid))).toBeUndefined();
  const throws = { context: { active: () => ({}) }, trace: { getSpanContext: () => fail() } };
  expect(extractOtel(throws)).toBeUndefined();
});

function fail(): never {
  throw new Error('the API’s own');
}
