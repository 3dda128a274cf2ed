/** Compares what a writer said before it was cut off with what a reader finds. */
import { listStreams, readStream } from '../../../dist/src/wal/index.js';

const never = 1n << 63n;
/** Verdicts that a crash may leave. */
const allowed = new Set(['TORN', 'UNSEALED', 'SUPERSEDED']);

/**
 * Reads everything under `root` and counts what is wrong. What was acknowledged at or after `cutNs`, on the machine's
 * monotonic clock, is counted apart: a machine without power acknowledges nothing.
 */
export async function verify(root, said, cutNs = never) {
  const result = {
    acknowledged: 0,
    /** Never acknowledged themselves, and before one that was. */
    covered: 0,
    unacknowledged: 0,
    lost: [],
    lostAfterCut: [],
    falsely: [],
    torn: 0,
    records: 0,
  };
  const found = new Set();
  for (const ref of await streams(root)) {
    for await (const item of readStream(ref)) {
      if (item.kind === 'record') {
        result.records += 1;
        if (item.record.event_type === 'test.marked') found.add(item.record.payload.mark);
      } else if (item.fault.verdict === 'TORN') {
        result.torn += 1;
      } else if (!allowed.has(item.fault.verdict)) {
        result.falsely.push(item.fault);
      }
    }
  }
  let sinceNs = never;
  for (const mark of [...said.submitted].toReversed()) {
    const atNs = said.acknowledged.get(mark);
    // An acknowledgement is one of everything appended before, also of relaxed records, of which nobody is told.
    if (!said.isOrdered) sinceNs = atNs ?? never;
    else if (atNs !== undefined && atNs < sinceNs) sinceNs = atNs;
    if (sinceNs === never) result.unacknowledged += 1;
    else if (atNs === undefined) result.covered += 1;
    else result.acknowledged += 1;
    if (sinceNs === never || found.has(mark)) continue;
    (sinceNs < cutNs ? result.lost : result.lostAfterCut).push(mark);
  }
  return result;
}

async function streams(root) {
  try {
    return await listStreams(root);
  } catch (error) {
    // Cut off before the root was durable: then nothing may have been acknowledged, and `lost` will tell.
    if (error.code === 'ROOT_UNUSABLE') return [];
    throw error;
  }
}

/** Collects what a writer says; `firstAcknowledged` resolves with the first acknowledgement. */
export function listen(child) {
  const said = { isOrdered: false, submitted: new Set(), acknowledged: new Map() };
  let rest = '';
  let tell;
  const firstAcknowledged = new Promise((resolve) => {
    tell = resolve;
  });
  child.stdout.setEncoding('latin1').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const [mark, atNs] = line.slice(1).split(' ');
      if (line === '*ordered') said.isOrdered = true;
      if (line.startsWith('+')) said.submitted.add(mark);
      if (line.startsWith('=')) {
        said.acknowledged.set(mark, BigInt(atNs));
        tell();
      }
    }
  });
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  return { said, firstAcknowledged, ended };
}

export function numberOption(name, fallback) {
  const index = process.argv.indexOf(`--${name}`);
  return index === -1 ? fallback : Number(process.argv[index + 1]);
}

/** The same sequence for the same seed: mulberry32. */
export function generator(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
