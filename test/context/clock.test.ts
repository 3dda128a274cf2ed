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

test('being interrupted between two clocks is no step', () => {
  const time = { wall: 1_795_183_331_480, monotonic: 500 };
  let interruptions = 0;
  const clock = new HybridClock({
    time: {
      wallMs: () => {
        const wall = Math.floor(time.wall);
        // The process is put aside right after it has read the wall clock.
        if (interruptions > 0) pass(10);
        interruptions -= 1;
        return wall;
      },
      monotonicMs: () => time.monotonic,
    },
  });
  const pass = (ms: number): void => {
    time.wall += ms;
    time.monotonic += ms;
  };
  let last = 0;
  for (let round = 0; round < 100; round += 1) {
    pass(1.3);
    interruptions = round % 4;
    const called = time.wall * 1000;
    const reading = clock.wallMicroseconds();
    expect(reading).toBeGreaterThanOrEqual(last);
    expect(reading).toBeGreaterThan(called - 2000);
    expect(reading).toBeLessThan(time.wall * 1000 + 2000);
    last = reading;
  }
  expect(clock.steps).toBe(0);
});

test.each([
  ['slow', 0.9996],
  ['fast', 1.0004],
])('a clock that is corrected by running %s is followed without a step', (_, rate) => {
  const { clock, time } = clockAt(1_795_183_331_480);
  let last = 0;
  for (let second = 1; second <= 600; second += 1) {
    time.monotonic = 500 + second * 1000;
    time.wall = Math.floor(1_795_183_331_480 + second * 1000 * rate);
    const reading = clock.wallMicroseconds();
    expect(reading).toBeGreaterThanOrEqual(last);
    expect(Math.abs(reading / 1000 - time.wall)).toBeLessThan(4);
    last = reading;
  }
  expect(clock.steps).toBe(0);
});

test.each([
  [-50, 1],
  [50, 1],
  [-49, 0],
  [49, 0],
])('setting the clock by %i ms is %i step', (offMs, steps) => {
  const { clock, time } = clockAt(1_795_183_331_480);
  const before = clock.wallMicroseconds();
  time.wall += offMs;
  const reading = clock.wallMicroseconds();
  expect(clock.steps).toBe(steps);
  // What is no step stands still until the wall clock has caught up.
  expect(reading).toBe(offMs === -49 ? before : time.wall * 1000);
  time.wall += 100;
  time.monotonic += 100;
  expect(clock.wallMicroseconds()).toBe(time.wall * 1000);
});

test('on this machine, under load, no step is seen that was none', () => {
  const clock = new HybridClock();
  const end = performance.now() + 300;
  let last = 0;
  while (performance.now() < end) {
    const reading = clock.wallMicroseconds();
    if (clock.steps === 0 && reading < last) expect.fail('ran backwards without a step');
    last = reading;
  }
  // One may be real: this machine's clock may be set while we run. Before pairs were read, there were hundreds.
  expect(clock.steps).toBeLessThanOrEqual(1);
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
