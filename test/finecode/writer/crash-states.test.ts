/** Every state that a power cut could leave of what Python wrote, for loads that rotate and fail over. */
import { describe, expect, it } from 'vitest';
import { cutPower } from './support/power-cut.js';
import { pythons } from './support/python.js';

const loads = [
  'the first seconds of a new root',
  'rotation',
  'a datasync that fails, and the file after it',
  'a write that fails half-way',
  'short writes',
  'a rotation whose next file cannot be synced',
  'a seal that cannot be synced',
  'a datasync that fails right after a rotation',
];

describe.skipIf(pythons.length === 0)('after a power cut at any moment, Python’s', () => {
  for (const load of loads) {
    it(`records that were acknowledged are there, and nothing false is said: ${load}`, async () => {
      const { wrong, states, acknowledged } = await cutPower(load);
      expect(wrong).toBeUndefined();
      expect(acknowledged).toBeGreaterThan(3);
      expect(states).toBeGreaterThan(50);
    });
  }
});
