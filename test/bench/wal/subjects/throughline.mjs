/** Our own stream under a closed loop: each client appends, waits for its answer and appends again. */
import { pbkdf2 } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { openStream } from '../../../../dist/src/wal/index.js';
import { recordAt } from '../records.mjs';
import { median } from '../statistics.mjs';

export async function open({ directory, clients, sync, preallocateBytes = 0, durability }) {
  const stream = await openStream({ root: directory, role: 'wm', sync, preallocateBytes });
  let index = 0;

  function must(appended) {
    if (appended.outcome === 'durable' || appended.outcome === 'queued') return;
    throw new Error(`an append was ${appended.outcome}: ${stream.metrics().lastError}`);
  }

  /** Relaxed: a burst in each turn, as a host that answers many small requests would. All of it is durable at the end. */
  async function runRelaxed(ms) {
    const untilMs = performance.now() + ms;
    const first = index;
    while (performance.now() < untilMs) {
      const burst = [];
      for (let count = 0; count < 64; count += 1) {
        burst.push(stream.append(recordAt(index), { durability }));
        index += 1;
      }
      for (const appended of await Promise.all(burst)) must(appended);
      await nextTurn();
    }
    await stream.flush();
    return { records: index - first };
  }

  async function runDurable(ms, recordsMax) {
    const first = index;
    const time = { isOver: false };
    const timer = setTimeout(() => {
      time.isOver = true;
    }, ms);
    async function client() {
      while (!time.isOver && index - first < recordsMax) {
        const record = recordAt(index);
        index += 1;
        must(await stream.append(record));
      }
    }
    await Promise.all(Array.from({ length: clients }, client));
    clearTimeout(timer);
    return { records: index - first };
  }

  /** One client's latencies, with so many hashing jobs in libuv's pool all the time. */
  async function latency(ms, jobs) {
    const time = { isOver: false };
    async function hash() {
      while (!time.isOver) {
        await new Promise((resolve, reject) => {
          pbkdf2('password', 'salt', 100_000, 64, 'sha512', (error) => {
            if (error === null) resolve();
            else reject(error);
          });
        });
      }
    }
    const hashing = Array.from({ length: jobs }, hash);
    await sleep(20);
    const waitsMs = [];
    const untilMs = performance.now() + ms;
    for (let nowMs = performance.now(); nowMs < untilMs;) {
      must(await stream.append(recordAt((index += 1))));
      const thenMs = performance.now();
      waitsMs.push(thenMs - nowMs);
      nowMs = thenMs;
    }
    time.isOver = true;
    await Promise.all(hashing);
    return { records: waitsMs.length, p50Ms: median(waitsMs) };
  }

  return {
    async run({ ms, recordsMax = Number.POSITIVE_INFINITY, jobs }) {
      if (jobs !== undefined) return latency(ms, jobs);
      const done = await (durability === 'relaxed' ? runRelaxed(ms) : runDurable(ms, recordsMax));
      const { bytes, records } = stream.metrics();
      return { ...done, recordBytes: bytes / records };
    },
    close: () => stream.close(),
  };
}
