// One side of one comparison in a process of its own: a process that has once used AsyncLocalStorage pays for it everywhere.
// `scoped` is the peer in a process where somebody else has: OpenTelemetry, a logger, a framework.
import { AsyncLocalStorage } from 'node:async_hooks';
import { comparisons } from './platforms.mjs';

const tripsPerSample = 1000;
const [, , index, side] = process.argv;
if (side === 'scoped') new AsyncLocalStorage().run({}, () => undefined);
const trip = comparisons[Number(index)][side === 'subject' ? 'subject' : 'peer']();

process.on('message', () => void measure());

async function measure() {
  const before = process.cpuUsage();
  for (let count = 0; count < tripsPerSample; count += 1) await trip();
  const { user, system } = process.cpuUsage(before);
  process.send((user + system) / tripsPerSample);
}
process.on('disconnect', () => process.exit(0));
