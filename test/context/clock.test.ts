import { expect, test } from 'vitest';
import { HybridClock, hlcAt, hlcMicroseconds } from '../../src/context/index.js';

function clockAt(wallMs: number) {
  const time = { wall: wallMs, monotonic: 500 };
  const clock = new HybridClock({
    time: { wallMs: () => time.wall, monotonicMs: () => time.monotonic },
  });
  return { clock, time };
}

test('the wall clock is read to the microsecond through the monotonic one', () => {
  const { clock, time } = clockAt(1_795_183_331_480);
  time.monotonic += 0.123;
  expect(clock.wallMicroseconds()).toBe(1_795_183_331_480_123);
  expect(clock.steps).toBe(0);
});

test('the wall clock’s whole milliseconds are no step', () => {
  const { clock, time } = clockAt(1_795_183_331_480);
  for (let tenth = 0; tenth < 1000; tenth += 1) {
    time.monotonic += 0.1;
    time.wall = Math.floor(1_795_183_331_480 + (time.monotonic - 500));
    clock.tick();
  }
  expect(clock.steps).toBe(0);
});

test('a step is followed by the wall time at once and by the readings only forwards', () => {
  const { clock, time } = clockAt(1_795_183_331_480);
  const before = clock.tick();
  time.wall -= 3_600_000;
  expect(clock.wallMicroseconds()).toBe(1_795_179_731_480_000);
  expect(clock.steps).toBe(1);
  const back = clock.tick();
  expect(back > before).toBe(true);
  expect(hlcMicroseconds(back)).toBe(1_795_183_331_480_000);
  time.wall += 7_200_000;
  expect(hlcMicroseconds(clock.tick())).toBe(1_795_186_931_480_000);
  expect(clock.steps).toBe(2);
});

test('a peer too far ahead of a clock that stepped back is judged by the wall', () => {
  const { clock, time } = clockAt(1_795_183_331_480);
  clock.tick();
  time.wall -= 120_000;
  expect(clock.merge(hlcAt(1_795_183_331_480_000))).toBe('ahead');
});

test('readings out of range are held at its ends', () => {
  expect(hlcAt(-1)).toBe('0000000000000');
  expect(hlcAt(2 ** 53, 5000)).toBe('FZZZZZZZZZZZZ');
  const { clock } = clockAt(2 ** 50);
  expect(clock.tick()).toBe('FZZZZZZZZZ' + 'Z00'.replace('Z', 'W'));
});
