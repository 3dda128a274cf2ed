/**
 * The hybrid logical clock: 52 bits of microseconds since 1970 and a 12-bit counter, spelled as 13 Crockford
 * characters that sort as text. It never runs backwards, follows what peers send, and re-anchors when the wall
 * clock steps. Milliseconds were measured too coarse to order two processes on one machine.
 */

declare const brand: unique symbol;
/** 13 characters; greater text is later. */
export type Hlc = string & { readonly [brand]: 'Hlc' };

/** The physical clocks. `wallMs` may step; `monotonicMs` may not and has a fraction. */
export interface TimeSource {
  readonly wallMs: () => number;
  readonly monotonicMs: () => number;
}

/** One look at the clock. */
export interface Reading {
  /** As `wallMicroseconds()`. */
  readonly microseconds: number;
  /** As `tick()`. */
  readonly hlc: Hlc;
}

export interface HybridClockOptions {
  readonly time?: TimeSource;
  /** A peer further ahead of our wall clock than this is not followed. Default 60,000. */
  readonly hlcDriftMsMax?: number;
}

/** `ahead`: the peer's clock is beyond `hlcDriftMsMax`; ours stayed. */
export type Merge = 'followed' | 'ahead' | 'invalid';

const counterMax = 0xfff;
const microsecondsMax = 2 ** 52 - 1;
const hlcChars = 13;
const hlcPattern = /^[0-9A-F][0-9A-HJKMNP-TV-Z]{12}$/;
const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const defaultDriftMsMax = 60_000;
/** The monotonic clock may be off the wall clock's whole milliseconds by this much before both are read anew. */
const offMsMax = 2;
/** Off by less, the wall clock is being corrected a little at a time; by more, somebody set it. */
const stepMsMin = 50;
/** Two readings further apart than this were interrupted, and say nothing about each other. */
const pairMsMax = 0.25;
const pairAttemptsMax = 5;

/** The value as an HLC reading, or `undefined`. */
export function parseHlc(value: unknown): Hlc | undefined {
  return typeof value === 'string' && value.length === hlcChars && hlcPattern.test(value)
    ? (value as Hlc)
    : undefined;
}

/** The physical part of a reading, in microseconds since 1970. */
export function hlcMicroseconds(hlc: Hlc): number {
  return decode(hlc).microseconds;
}

/** The HLC reading for a physical time: what an imported record without a clock of its own gets. */
export function hlcAt(microseconds: number, counter = 0): Hlc {
  return encode(
    Math.min(Math.max(Math.trunc(microseconds), 0), microsecondsMax),
    Math.min(Math.max(Math.trunc(counter), 0), counterMax),
  );
}

export class HybridClock {
  readonly #time: TimeSource;
  readonly #driftMicroseconds: number;
  #anchorWallMs: number;
  #anchorMonotonicMs: number;
  #wallMicroseconds = 0;
  #microseconds = 0;
  #counter = 0;
  #steps = 0;

  constructor(options: HybridClockOptions = {}) {
    this.#time = options.time ?? { wallMs: Date.now, monotonicMs: () => performance.now() };
    this.#driftMicroseconds = (options.hlcDriftMsMax ?? defaultDriftMsMax) * 1000;
    const { wallMs, monotonicMs } = this.#readBoth();
    this.#anchorWallMs = wallMs;
    this.#anchorMonotonicMs = monotonicMs;
  }

  /** How often the wall clock was seen to step, by 50 ms or more, against the monotonic one. */
  get steps(): number {
    return this.#steps;
  }

  /** The wall clock in microseconds since 1970, honest about steps: with one it may run backwards. */
  wallMicroseconds(): number {
    const wallMs = this.#time.wallMs();
    const monotonicMs = this.#time.monotonicMs();
    if (this.#offMs(wallMs, monotonicMs) > offMsMax && this.#anchorAgain()) {
      this.#wallMicroseconds = Math.trunc(this.#anchorWallMs * 1000);
      return this.#wallMicroseconds;
    }
    // Not in one product: a fraction of a millisecond since 1970 is not exact to the microsecond.
    const microseconds =
      Math.trunc(this.#anchorWallMs * 1000) +
      Math.round((monotonicMs - this.#anchorMonotonicMs) * 1000);
    // A clock that is only being corrected stands still for a moment instead.
    if (microseconds > this.#wallMicroseconds) this.#wallMicroseconds = microseconds;
    return this.#wallMicroseconds;
  }

  /** A new reading, later than every reading given or followed before. */
  tick(): Hlc {
    return this.read().hlc;
  }

  /** Both at once, from one look at the physical clocks. */
  read(): Reading {
    const microseconds = this.wallMicroseconds();
    this.#advance(microseconds);
    return { microseconds, hlc: encode(this.#microseconds, this.#counter) };
  }

  /** Follows a peer's reading, so that everything after the message sorts after everything before it. */
  merge(remote: unknown): Merge {
    const hlc = parseHlc(remote);
    if (hlc === undefined) return 'invalid';
    const { microseconds, counter } = decode(hlc);
    if (microseconds > this.wallMicroseconds() + this.#driftMicroseconds) return 'ahead';
    this.#follow(microseconds, counter);
    return 'followed';
  }

  /** Starts at or after `hlc` however far ahead it is: for a new stream behind the last one of its role. */
  startAfter(hlc: Hlc): void {
    const { microseconds, counter } = decode(hlc);
    this.#follow(microseconds, counter);
  }

  /** Anchors both clocks to each other where they are off. Returns whether the wall clock stepped. */
  #anchorAgain(): boolean {
    const { wallMs, monotonicMs, apartMs } = this.#readBoth();
    const offMs = this.#offMs(wallMs, monotonicMs);
    // Having been interrupted between the two readings is no step, and common on a busy machine.
    if (apartMs > pairMsMax || offMs <= offMsMax) return false;
    this.#anchorWallMs = wallMs;
    this.#anchorMonotonicMs = monotonicMs;
    if (offMs < stepMsMin) return false;
    this.#steps += 1;
    return true;
  }

  #offMs(wallMs: number, monotonicMs: number): number {
    return Math.abs(this.#anchorWallMs + (monotonicMs - this.#anchorMonotonicMs) - wallMs);
  }

  /** The pair of readings that was taken closest together. */
  #readBoth(): { wallMs: number; monotonicMs: number; apartMs: number } {
    let best = { wallMs: 0, monotonicMs: 0, apartMs: Infinity };
    for (let attempt = 0; attempt < pairAttemptsMax && best.apartMs > pairMsMax; attempt += 1) {
      const before = this.#time.monotonicMs();
      const wallMs = this.#time.wallMs();
      const monotonicMs = this.#time.monotonicMs();
      const apartMs = monotonicMs - before;
      if (apartMs < best.apartMs) best = { wallMs, monotonicMs, apartMs };
    }
    return best;
  }

  #follow(microseconds: number, counter: number): void {
    if (microseconds < this.#microseconds) return;
    if (microseconds === this.#microseconds && counter <= this.#counter) return;
    this.#microseconds = microseconds;
    this.#counter = counter;
  }

  #advance(physical: number): void {
    if (physical > this.#microseconds && this.#microseconds < microsecondsMax) {
      this.#microseconds = Math.min(physical, microsecondsMax);
      this.#counter = 0;
    } else if (this.#counter < counterMax) {
      this.#counter += 1;
    } else if (this.#microseconds < microsecondsMax) {
      // The counter's overflow carries into the microseconds: ahead of the wall, never out of order.
      this.#microseconds += 1;
      this.#counter = 0;
    }
    // At the very end of the clock's range (the year 2112) it stays: a repeated reading, never an unreadable one.
  }
}

/** What each character's code stands for. */
const values = new Uint8Array(128);
for (const [value, character] of Array.from(crockford).entries()) {
  values[character.charCodeAt(0)] = value;
}
/** All two-character texts: what ten bits are spelled as. */
const pairs: readonly string[] = Array.from(
  { length: 1024 },
  (_, bits) => crockford.charAt(bits >> 5) + crockford.charAt(bits & 31),
);
/** The first eight characters change every eight milliseconds: they are spelled when they do. */
let spelled = { high: -1, text: '' };

function encode(microseconds: number, counter: number): Hlc {
  const high = Math.floor(microseconds / 8192);
  if (high !== spelled.high) spelled = { high, text: spell(high) };
  const low = microseconds % 8192;
  // Two characters of time, one shared by three bits of time and two of the counter, two of the counter.
  const shared = crockford.charAt((low % 8) * 4 + (counter >> 10));
  return `${spelled.text}${pairs[low >> 3]}${shared}${pairs[counter & 1023]}` as Hlc;
}

/** Forty bits in eight characters. */
function spell(high: number): string {
  let text = '';
  let rest = high;
  for (let pair = 0; pair < 4; pair += 1) {
    text = pairs[rest % 1024] + text;
    rest = Math.floor(rest / 1024);
  }
  return text;
}

function decode(hlc: Hlc): { microseconds: number; counter: number } {
  // Two numbers of 25 bits: above 31 they would not stay whole numbers to the engine.
  const high = fiveCharacters(hlc, 0) * 2 ** 25 + fiveCharacters(hlc, 5);
  const shared = valueAt(hlc, 10);
  const counter = ((shared & 3) << 10) | (valueAt(hlc, 11) << 5) | valueAt(hlc, 12);
  return { microseconds: high * 8 + (shared >> 2), counter };
}

function fiveCharacters(hlc: Hlc, start: number): number {
  let bits = 0;
  for (let index = start; index < start + 5; index += 1) bits = (bits << 5) | valueAt(hlc, index);
  return bits;
}

function valueAt(hlc: Hlc, index: number): number {
  return values[hlc.charCodeAt(index)] ?? 0;
}
