/** Work that serves several requests at once, in a real workspace manager: what stands in its stream. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Client, type Message } from './client.js';

interface Line extends Message {
  readonly event_type: string;
  readonly action_name: string;
  readonly payload: Message;
  readonly correlation_id: string;
  readonly span_id: string;
  readonly parent_span_id?: string;
  readonly links?: readonly { readonly trace_id: string; readonly span_id: string }[];
}

let directory: string;
let client: Client;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'throughline-links-'));
  client = new Client({
    script: fileURLToPath(new URL('fixtures/linking-wm.mjs', import.meta.url)),
    parameters: [directory],
    env: { THROUGHLINE_ROOT: join(directory, 'root') },
  });
});
afterEach(async () => {
  await client.stop();
  await rm(directory, { recursive: true });
});

async function accepted(action: string): Promise<readonly Line[]> {
  const folder = join(directory, 'root', 'wal', 'wm');
  const [writer = ''] = await readdir(folder);
  const text = await readFile(join(folder, writer, 'wal-000001.jsonl'), 'utf8');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  return lines.filter((line) => line.event_type === 'run.accepted' && line.action_name === action);
}

const traceOf = (marker: number): string => `${'e'.repeat(31)}${marker}`;
const carrierOf = (marker: number): Message => ({
  _meta: { traceparent: `00-${traceOf(marker)}-${'1'.repeat(16)}-01` },
});
const markers = [1, 2, 3, 4, 5];

test('a debounce that serves five notifications is one run that names all five as causes', async () => {
  client.send(
    ...markers.map((marker) => ({
      method: 'acme/edited',
      params: { marker },
      ...carrierOf(marker),
    })),
  );
  await client.request('acme/sync');
  await client.stop();
  const edited = await accepted('edited');
  expect(edited.map((line) => line.parent_span_id)).toEqual(markers.map(() => '1'.repeat(16)));
  const [validate, ...more] = await accepted('validate');
  expect(more).toEqual([]);
  expect(validate?.links).toEqual(
    edited.map((line, index) => ({ trace_id: traceOf(index + 1), span_id: line.span_id })),
  );
  expect(edited.map((line) => line.correlation_id)).not.toContain(validate?.correlation_id);
});

test('a cache fill that five requests wait for names all five, and each goes on under its own id', async () => {
  const ids = markers.map(() => client.nextId());
  client.send(
    ...markers.map((marker, index) => ({
      id: ids[index],
      method: 'acme/read',
      params: { marker },
      ...carrierOf(marker),
    })),
  );
  for (const [index, id] of ids.entries()) {
    expect(await client.response(id)).toMatchObject({ result: markers[index] });
  }
  await client.stop();
  const reads = await accepted('read');
  const [fill, ...more] = await accepted('fill');
  expect(more).toEqual([]);
  expect(fill?.links).toEqual(
    reads.map((line, index) => ({ trace_id: traceOf(index + 1), span_id: line.span_id })),
  );
  // A reading run's own child, in its trace.
  const used = await accepted('use');
  expect(used.map((line) => [line.correlation_id, line.parent_span_id])).toEqual(
    reads.map((line) => [line.correlation_id, line.span_id]),
  );
});

test('the causes that a front sends for its debounced request stand in the record of the run', async () => {
  const causes = ['a', 'b', 'c'].map((digit) => ({
    trace_id: digit.repeat(32),
    span_id: digit.repeat(16),
  }));
  const member = causes.map((cause) => `${cause.trace_id}-${cause.span_id}`).join(';');
  const { traceparent } = carrierOf(7)['_meta'] as { readonly traceparent: string };
  const carrier = { traceparent, tracestate: `tl=;lsp;textDocument/didChange,tl-links=${member}` };
  await client.request('acme/read', { marker: 7 }, { _meta: carrier });
  await client.stop();
  const [read] = await accepted('read');
  expect(read).toMatchObject({ parent_span_id: '1'.repeat(16), links: causes });
});
