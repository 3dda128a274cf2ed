/** A host on vscode-jsonrpc with the adapter on: bursts in one chunk over a real process, ids compared. */
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { Client, type Message } from './client.js';

const script = fileURLToPath(new URL('fixtures/host.mjs', import.meta.url));
let client: Client;
afterEach(() => client.stop());

const start = (settings: Message = {}): void => {
  client = new Client({ script, env: { HOST_SETTINGS: JSON.stringify(settings) } });
};
const traceOf = (number: number): string =>
  `${'e'.repeat(28)}${number.toString(16).padStart(4, '0')}`;
const carrierOf = (number: number): Message => ({
  _meta: { traceparent: `00-${traceOf(number)}-${'1'.repeat(16)}-01` },
});

describe.each([-1, 1, 2])('with a parallelism of %i', (maxParallelism) => {
  test('300 requests of one chunk run in 300 scopes', async () => {
    start({ maxParallelism: maxParallelism === -1 ? undefined : maxParallelism });
    const ids = Array.from({ length: 300 }, () => client.nextId());
    client.send(...ids.map((id) => ({ id, method: 'acme/scope', params: {}, ...carrierOf(id) })));
    for (const id of ids) {
      const { result } = await client.response(id);
      expect(result).toMatchObject({ trace: traceOf(id), parent: '1'.repeat(16) });
    }
  });

  test('500 notifications keep their order and their ids', async () => {
    start({ maxParallelism: maxParallelism === -1 ? undefined : maxParallelism });
    client.send(
      ...Array.from({ length: 500 }, (_, number) => ({
        method: 'acme/tell',
        params: { number },
        ...carrierOf(number),
      })),
    );
    const { result } = await client.request('acme/told');
    const { seen } = result as { seen: readonly { number: number; trace: string }[] };
    expect(seen.map((one) => one.number)).toEqual(Array.from({ length: 500 }, (_, index) => index));
    expect(seen.filter((one) => one.trace !== traceOf(one.number))).toEqual([]);
  });

  test('an extractor and a strategy that fail never wedge the connection', async () => {
    start({ maxParallelism: maxParallelism === -1 ? undefined : maxParallelism, failing: true });
    const fails = ['throw', 'reject', undefined];
    const requests = Array.from({ length: 300 }, (_, index) => ({
      id: client.nextId(),
      method: 'acme/scope',
      params: { fails: fails[index % 3] },
      ...carrierOf(index),
    }));
    client.send(...requests);
    for (const { id } of requests.filter(({ params }) => params.fails === undefined)) {
      const { result } = await client.response(id);
      // What cannot be extracted runs in a root of its own.
      expect(result).toMatchObject({ isRoot: true });
    }
    await client.stop();
    expect(client.stderr.match(/given to correlated\(\) failed/g)).toHaveLength(200);
  });
});

test('a connection opened inside a request lends its scope to nobody', async () => {
  start();
  const { result } = await client.request('acme/open', {}, carrierOf(7));
  const opened = result as { trace: string; answers: readonly Message[] };
  expect(opened.trace).toBe(traceOf(7));
  const { result: report } = await client.request('acme/told');
  const { told } = report as { told: readonly Message[] };
  const asked = [...opened.answers, ...told.filter((one) => one['number'] !== undefined)];
  expect(asked).toHaveLength(4);
  for (const one of asked) expect(one).toMatchObject({ isRoot: true });
  const traces = new Set(asked.map((one) => one['trace']));
  expect(traces.size).toBe(4);
  expect(traces).not.toContain(traceOf(7));
  // A progress callback belongs to the request that bound it; one that is not bound to nobody's.
  expect(told.find((one) => one['value'] === 'bound')).toMatchObject({ trace: traceOf(7) });
  expect(told.find((one) => one['value'] === 'unbound')).toMatchObject({ isRoot: true });
});

test('responses carry the clock and no context', async () => {
  start();
  await client.request('acme/scope', {}, carrierOf(1));
  await client.request('acme/unknown', {}, carrierOf(2));
  expect(client.received).toHaveLength(2);
  for (const { _meta: meta } of client.received) {
    expect(meta).toEqual({
      tracestate: expect.stringMatching(/^tl=[0-9A-HJKMNP-TV-Z]{13}$/) as string,
    });
  }
});
