// One side of one comparison in memory.
import { connections } from './connections.mjs';
import { useElsewhere } from './sides.mjs';

const tripsPerSample = 1000;
const [, , index, side] = process.argv;
if (side === 'scoped') useElsewhere();
const trip = connections[Number(index)][side === 'scoped' ? 'peer' : side]();

process.on('message', () => void measure());

async function measure() {
  const before = process.cpuUsage();
  for (let count = 0; count < tripsPerSample; count += 1) await trip();
  const { user, system } = process.cpuUsage(before);
  process.send((user + system) / tripsPerSample);
}
process.on('disconnect', () => process.exit(0));
