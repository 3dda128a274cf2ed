// OTLP of ours, decoded by the code that OpenTelemetry generates from its protos (its last version for Node 20 that
// ships it). Needs a build; `npm ci` in this folder first. `--quick` takes a tenth of the spans.
//
// `node run.mjs --to URL` sends the same to a real collector instead, and says what it answered: see README.md.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate, generateWide } from '../../support/generate.mjs';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const require = createRequire(import.meta.url);
// The package exports its index alone.
const protos = join(
  dirname(require.resolve('@opentelemetry/otlp-transformer')),
  'generated/root.js',
);
const { ExportTraceServiceRequest } = require(protos).opentelemetry.proto.collector.trace.v1;

const requests = process.argv.includes('--quick') ? 2500 : 25_000;
const place = mkdtempSync(join(tmpdir(), 'tl-interop-otlp-'));
const root = join(place, 'root');
let failures = 0;

function check(title, isSo, why = '') {
  if (!isSo) failures += 1;
  console.log(`${isSo ? 'ok' : 'FAILED'}: ${title}${isSo || why === '' ? '' : `: ${why}`}`);
}

function throughline(...args) {
  const bin = join(repository, 'dist/src/cli/main.js');
  const argv = [bin, 'export', '--since', '2020-01-01', '--root', root, ...args];
  return spawnSync(process.execPath, argv, { encoding: 'utf8' });
}

/** The tests of OTLP, with the generated code in the place of our reader. */
function corpus() {
  const argv = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot'];
  const env = { ...process.env, TEST_OTLP_PROTOS: protos };
  const done = spawnSync(
    process.execPath,
    [...argv, '--testTimeout=60000', 'test/export/otlp.test.ts', 'test/export/send.test.ts'],
    { cwd: repository, encoding: 'utf8', env },
  );
  check('every span of the corpus is there and no other', done.status === 0, done.stdout);
}

/** Our JSON as the generated code takes it: ids are bytes to it. */
function unhexed(value, key = '') {
  if (/^(?:traceId|spanId|parentSpanId)$/.test(key)) return Buffer.from(value, 'hex');
  if (Array.isArray(value)) return value.map((one) => unhexed(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, unhexed(one, name)]));
}

const plain = { longs: String, bytes: (bytes) => Buffer.from(bytes).toString('hex') };

function large() {
  const { requests: written } = generate(root, { streams: 8, requests });
  const { spans } = generateWide(root, { seed: 7 });
  const [binary, json] = [join(place, 'otlp.bin'), join(place, 'otlp.jsonl')];
  for (const [format, to] of [
    ['otlp', binary],
    ['otlp-json', json],
  ]) {
    const { status, stderr } = throughline('--format', format, '--to', to);
    check(`${format} is written`, status === 0, stderr);
  }
  const message = ExportTraceServiceRequest.decode(readFileSync(binary));
  check(
    'the protobuf is what the protos allow',
    ExportTraceServiceRequest.verify(message) === null,
  );
  const decoded = ExportTraceServiceRequest.toObject(message, plain);
  const fromJson = { resourceSpans: [] };
  const unknown = new Set();
  for (const line of readFileSync(json, 'utf8').trimEnd().split('\n')) {
    const object = unhexed(JSON.parse(line));
    const made = ExportTraceServiceRequest.fromObject(object);
    const problem = ExportTraceServiceRequest.verify(made);
    if (problem !== null) check('a line of JSON is what the protos allow', false, problem);
    const back = ExportTraceServiceRequest.toObject(made, plain);
    fromJson.resourceSpans.push(...back.resourceSpans);
    // A member that the protos do not know would be gone from what comes back.
    for (const name of membersOf(object)) if (!membersOf(back).has(name)) unknown.add(name);
  }
  check(
    'the JSON has no member that the protos do not know',
    unknown.size === 0,
    [...unknown].join(),
  );
  const [one, other] = [byId(decoded), byId(fromJson)];
  check(
    `all ${4 * written + spans} spans are in it`,
    one.size === 4 * written + spans,
    `${one.size}`,
  );
  check('JSON and protobuf say the same of every span', same(one, other));
}

function byId({ resourceSpans }) {
  const found = new Map();
  for (const { resource, scopeSpans } of resourceSpans) {
    for (const { spans } of scopeSpans) {
      for (const span of spans) {
        found.set(`${span.traceId} ${span.spanId}`, JSON.stringify([resource, span]));
      }
    }
  }
  return found;
}

function same(one, other) {
  if (one.size !== other.size) return false;
  for (const [id, text] of one) if (other.get(id) !== text) return false;
  return true;
}

/** The names of all members, anywhere in it. */
function membersOf(value, found = new Set()) {
  if (Array.isArray(value)) for (const one of value) membersOf(one, found);
  else if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value)) {
    for (const [name, one] of Object.entries(value)) membersOf(one, found.add(name));
  }
  return found;
}

/** What a real collector says to it, in both spellings. */
function toCollector(url) {
  generate(root, { streams: 8, requests });
  for (const format of ['otlp', 'otlp-json']) {
    const began = performance.now();
    const { status, stderr } = throughline('--format', format, '--to', url);
    const seconds = (performance.now() - began) / 1000;
    check(`${format}, ${seconds.toFixed(1)} s with reading: ${stderr.trim()}`, status === 0);
  }
}

try {
  const at = process.argv.indexOf('--to');
  if (at === -1) {
    corpus();
    large();
  } else {
    toCollector(process.argv[at + 1]);
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
