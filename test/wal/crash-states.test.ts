/** Every state a power cut could leave, for loads that rotate, fail over and preallocate. */
import { describe, expect, it } from 'vitest';
import * as wal from '../../src/wal/index.js';
import { crashStates } from './support/crash-states.js';
import { judge } from './support/judge.js';
import { root, run, scenarios } from './support/scenarios.js';

describe('after a power cut at any moment', () => {
  for (const scenario of scenarios) {
    it(`keeps everything acknowledged and says nothing false: ${scenario.name}`, async () => {
      const disk = await run(wal, scenario);
      const acknowledged = disk.operations.filter(({ kind }) => kind === 'ack').length;
      let states = 0;
      for (const state of crashStates(disk.operations)) {
        states += 1;
        const wrong = await judge(wal, root, state);
        if (wrong !== undefined) expect.fail(`${wrong} in state ${states}`);
      }
      expect(acknowledged).toBeGreaterThan(3);
      expect(states).toBeGreaterThan(50);
    });
  }
});
