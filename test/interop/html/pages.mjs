// The pages that are looked at: streams by an independent writer, read and exported by the built package.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exporter, exportPage } from '../../../dist/src/export/html/index.js';
import { readStory } from '../../../dist/src/read/index.js';
import { Random, StreamBytes } from '../../support/bytes.mjs';
import { generate, generateWide, startMsDefault } from '../../support/generate.mjs';

export const hostile = {
  markup: '<img src=x onerror="document.title=1"><script>document.title=2</script>',
  end: '</script><!--',
  bidi: 'safe\u202egnp.exe\u2066',
  long: 'x'.repeat(10_000),
};

/** Writes a page to a file; returns it with its size. */
async function page(folder, name, root, spansMax) {
  const story = await readStory({ roots: [root] });
  const chunks = [];
  const sink = {
    write(chunk) {
      chunks.push(Buffer.from(chunk));
      return Promise.resolve();
    },
  };
  await (spansMax === undefined ? exporter(story, sink) : exportPage(story, sink, spansMax));
  const bytes = Buffer.concat(chunks);
  const file = join(folder, `${name}.html`);
  writeFileSync(file, bytes);
  return { url: `file://${file}`, bytes: bytes.length };
}

export async function pagesIn(folder) {
  const root = (name) => {
    const path = join(folder, name);
    mkdirSync(path);
    return path;
  };
  const [wide, some, strange, large] = ['wide', 'some', 'strange', 'large'].map(root);
  generateWide(wide);
  generate(some, { streams: 4, requests: 300, failEvery: 7 });
  writeStrange(strange);
  writeLarge(large, 10_000);
  return {
    wide: await page(folder, 'wide', wide),
    some: await page(folder, 'some', some),
    cut: await page(folder, 'cut', some, 40),
    strange: await page(folder, 'strange', strange),
    large: await page(folder, 'large', large),
  };
}

function writer(root, random, role) {
  return new StreamBytes(root, { role, writerId: `${role}-${random.ulid(startMsDefault)}` });
}

/** One request for each hostile name: a run that failed with it, and that wrote a file of that name. */
function writeStrange(root) {
  const random = new Random(7);
  const stream = writer(root, random, 'wm');
  let at = startMsDefault * 1000;
  for (const name of Object.values(hostile)) {
    const fields = requestFields(random, name);
    const origin = { front: 'mcp', method: 'tools/call', name, client: name };
    stream.add((at += 8), 'run.accepted', '{}', `${fields},"origin":${ascii(origin)}`);
    stream.add(
      (at += 800),
      'effect.applied',
      ascii({ path: `/ws/${name}`, change: 'modified' }),
      fields,
    );
    const error = { class: name, message: name.slice(0, 200) };
    stream.add((at += 800), 'run.failed', ascii({ duration_ms: 1.6, error }), fields);
  }
  stream.end(at + 8, true);
}

/** One request with so many spans: every hundredth handler fails. */
function writeLarge(root, spans) {
  const random = new Random(9);
  const stream = writer(root, random, 'er');
  let at = startMsDefault * 1000;
  const run = requestFields(random, 'check');
  const [, correlationId, runId] = /"wal_run_id":"(\w+)".*"correlation_id":"(\w+)"/.exec(run) ?? [];
  const parent = /"span_id":"(\w+)"/.exec(run)?.[1];
  stream.add(
    (at += 8),
    'run.accepted',
    '{}',
    `${run},"origin":{"front":"cli","name":"check --all"}`,
  );
  for (let index = 1; index < spans; index += 1) {
    const handler = `rule_${index % 37}`;
    const fields = `,"wal_run_id":"${correlationId}","action_name":"check","correlation_id":"${runId}","span_id":"${random.spanId()}","parent_span_id":"${parent}"`;
    stream.add((at += 8), 'handler.started', ascii({ handler }), fields);
    const took = 200 + random.below(40_000);
    const isFailed = index % 100 === 0;
    const error = isFailed ? { error: { class: 'RuleError', message: `line ${index}` } } : {};
    const payload = ascii({ handler, duration_ms: took / 1000, ...error });
    stream.add((at += took), isFailed ? 'handler.failed' : 'handler.completed', payload, fields);
  }
  stream.add(
    (at += 8),
    'run.failed',
    '{"duration_ms":1,"error":{"message":"99 rules failed"}}',
    run,
  );
  stream.end(at + 8, true);
}

function requestFields(random, action) {
  const [run, id] = [random.ulid(startMsDefault), random.ulid(startMsDefault)];
  return `,"wal_run_id":"${run}","action_name":${ascii(action)},"correlation_id":"${id}","span_id":"${random.spanId()}","parent_span_id":"${random.spanId()}"`;
}

/** JSON in ASCII, as streams have it. */
function ascii(value) {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
