// Traces of ours read by Perfetto's own definitions and program, as far as they are there: see README.md. Needs a build.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { exporter } from '../../../dist/src/export/perfetto/index.js';
import { readStory, walk } from '../../../dist/src/read/index.js';
import { generate, generateWide } from '../../support/generate.mjs';
import { faultsIn } from './fields.mjs';

const { PERFETTO_PROTOS: protos, TRACE_PROCESSOR: processor } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'tl-perfetto-'));
let failed = 0;

for (const [name, write] of Object.entries({
  'one request with 498 spans': (root) => generateWide(root),
  '3,000 requests': (root) => generate(root, { streams: 8, requests: 3000, failEvery: 7 }),
})) {
  const root = join(folder, name);
  write(root);
  const story = await readStory({ roots: [root] });
  const chunks = [];
  await exporter(story, {
    write(chunk) {
      chunks.push(chunk);
      return Promise.resolve();
    },
  });
  const bytes = Buffer.concat(chunks);
  const spans = [...story.requests].flatMap(({ roots }) =>
    [...walk(roots)].map(({ span }) => span),
  );
  check(`${name}: Perfetto's definitions`, protos, 'PERFETTO_PROTOS', () => decoded(bytes, spans));
  check(`${name}: trace_processor`, processor, 'TRACE_PROCESSOR', () => {
    const file = join(folder, 'trace.pftrace');
    writeFileSync(file, bytes);
    return queried(file, spans);
  });
}
rmSync(folder, { recursive: true, force: true });
process.exitCode = failed === 0 ? 0 : 1;

function check(name, needed, variable, run) {
  if (needed === undefined || !existsSync(needed)) {
    console.log(`did not run: ${name}; ${variable} names none`);
    return;
  }
  try {
    console.log(`ok      ${name} (${run()})`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.stack ?? error}`);
  }
}

/** Every field is one of theirs, and every span is a slice with its ids. */
function decoded(bytes, spans) {
  const root = new protobuf.Root();
  root.loadSync(join(protos, 'protos/perfetto/trace/perfetto_trace.proto'), { keepCase: true });
  const Trace = root.lookupType('perfetto.protos.Trace');
  const { faults, fields } = faultsIn(Trace, bytes);
  assert.deepEqual(faults, []);
  const { packet } = Trace.toObject(Trace.decode(bytes), { longs: String, enums: String });
  let texts = new Map();
  const found = [];
  const counts = {};
  for (const one of packet) {
    if ((one.sequence_flags & 1) === 1) texts = new Map();
    const { interned_data: interned = {}, track_event: event } = one;
    for (const [kind, entries] of Object.entries(interned)) {
      for (const { iid, name, str } of entries) {
        texts.set(`${kind} ${iid}`, name ?? Buffer.from(str).toString());
      }
    }
    if (event === undefined) continue;
    counts[event.type] = (counts[event.type] ?? 0) + 1;
    if (event.type === 'TYPE_SLICE_END') continue;
    const fact = (wanted) =>
      event.debug_annotations.find(
        ({ name_iid: iid }) => texts.get(`debug_annotation_names ${iid}`) === wanted,
      );
    const title = texts.get(`event_names ${event.name_iid}`);
    const state = texts.get(`debug_annotation_string_values ${fact('state').string_value_iid}`);
    const id = texts.get(`correlation_id_str ${event.correlation_id_str_iid}`);
    found.push(`${id} ${fact('span_id').string_value} ${title} ${state}`);
  }
  const titles = { run: 'run', dispatch: 'dispatch to', handler: 'handler', other: 'span' };
  const expected = spans.map(
    (span) =>
      `${span.correlationId} ${span.spanId} ${titles[span.kind]} ${span.name} ${span.state}`,
  );
  assert.deepEqual(found.toSorted(), expected.toSorted());
  return `${fields} fields, ${spans.length} slices, ${counts['TYPE_SLICE_END']} ends`;
}

/** It has as many slices as there are spans, and complains about nothing. */
function queried(file, spans) {
  const query = join(folder, 'query.sql');
  const sql = [
    'select count(*) as slices from slice;',
    "select count(*) as bad from stats where severity in ('error', 'data_loss') and value > 0;",
  ];
  writeFileSync(query, sql.join('\n'));
  const { status, stdout, stderr } = spawnSync(processor, ['-q', query, file], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const numbers = stdout.match(/^\d+$/gm).map(Number);
  assert.deepEqual(numbers, [spans.length, 0]);
  return `${spans.length} slices`;
}
