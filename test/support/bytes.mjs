/**
 * Writes streams byte for byte, fast: an independent second writer of docs/format.md that needs no clock, no disk sync
 * and no recorder. What it writes passes `throughline verify`.
 */
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const chunkChars = 1 << 20;

/** A seeded source of numbers below 2^32 (xorshift128). */
export class Random {
  #a;
  #b = 362_436_069;
  #c = 521_288_629;
  #d = 88_675_123;

  constructor(seed) {
    this.#a = (seed ^ 0x9e3779b9) >>> 0 || 1;
    for (let index = 0; index < 16; index += 1) this.next();
  }

  next() {
    let t = this.#a ^ (this.#a << 11);
    t ^= t >>> 8;
    [this.#a, this.#b, this.#c] = [this.#b, this.#c, this.#d];
    this.#d = (this.#d ^ (this.#d >>> 19) ^ t) >>> 0;
    return this.#d;
  }

  /** A whole number below `limit`. */
  below(limit) {
    return this.next() % limit;
  }

  spanId() {
    const high = (this.next() | 1) >>> 0;
    return high.toString(16).padStart(8, '0') + this.next().toString(16).padStart(8, '0');
  }

  ulid(ms) {
    let text = '';
    let rest = ms;
    for (let index = 0; index < 10; index += 1) {
      text = crockford[rest % 32] + text;
      rest = Math.floor(rest / 32);
    }
    for (let part = 0; part < 4; part += 1) {
      let bits = this.next();
      for (let index = 0; index < 4; index += 1) {
        text += crockford[bits & 31];
        bits >>>= 5;
      }
    }
    return text;
  }
}

/** The HLC reading of a physical time, from its definition: 52 bits of microseconds, 12 of a counter. */
export function reading(microseconds) {
  let text = crockford[(microseconds % 8) * 4] + '00';
  let rest = Math.floor(microseconds / 8);
  for (let index = 0; index < 10; index += 1) {
    text = crockford[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

let second = Number.NaN;
let secondText = '';

export function isoTime(microseconds) {
  const whole = Math.floor(microseconds / 1e6);
  if (whole !== second) {
    second = whole;
    secondText = new Date(whole * 1000).toISOString().slice(0, 20);
  }
  return `${secondText}${String(microseconds - whole * 1e6).padStart(6, '0')}Z`;
}

export class StreamBytes {
  records = 0;
  bytes = 0;
  #role;
  #identity;
  #segmentBytesMax;
  #flushRecords;
  #segment = 0;
  #sequence = 0;
  #previous = '00000000';
  #synced = 0;
  #atUs = 0;
  #fd = -1;
  #text = '';
  #hash = createHash('sha256');
  #inFile = { count: 0, bytes: 0 };

  constructor(root, { role, writerId, identity, segmentBytesMax, flushRecords }) {
    this.writerId = writerId;
    this.directory = join(root, 'wal', role, writerId);
    this.#role = role;
    this.#identity = identity ?? {};
    this.#segmentBytesMax = segmentBytesMax ?? 8 * 1024 * 1024;
    this.#flushRecords = flushRecords ?? 8;
    mkdirSync(this.directory, { recursive: true });
  }

  /** `payload` and `rest` are JSON text: `{…}` and `,"name":value…`. */
  add(atUs, eventType, payload, rest = '') {
    if (this.#fd === -1) this.#begin(atUs);
    else if (this.#inFile.bytes >= this.#segmentBytesMax) this.#rotate(atUs);
    this.#write(atUs, eventType, payload, rest);
  }

  /** Ends the stream; without a seal when `isSealed` is false. */
  end(atUs, isSealed = true) {
    if (this.#fd === -1) this.#begin(atUs);
    if (isSealed) this.#write(this.#atUs, 'wal.sealed', this.#sealPayload('null'));
    this.#close();
  }

  #begin(atUs, claim = '') {
    this.#segment += 1;
    this.#fd = openSync(join(this.directory, this.#fileName(this.#segment)), 'wx', 0o600);
    this.#hash = createHash('sha256');
    this.#inFile = { count: 0, bytes: 0 };
    this.#synced = this.#sequence;
    const header = { format: 1, role: this.#role, segment: this.#segment, ...this.#identity };
    const text = JSON.stringify(header).slice(0, -1);
    this.#write(atUs, 'wal.opened', `${text}${claim}}`, '', true);
  }

  #rotate() {
    this.#flush();
    const file = this.#fileName(this.#segment);
    const { bytes } = this.#inFile;
    const digest = this.#hash.copy().digest('hex');
    const [last, crc] = [this.#sequence, this.#previous];
    this.#write(
      this.#atUs,
      'wal.sealed',
      this.#sealPayload(`"${this.#fileName(this.#segment + 1)}"`),
    );
    this.#close();
    this.#begin(
      this.#atUs,
      `,"predecessor":{"file":"${file}","last_sequence":${last},"last_crc":"${crc}","bytes":${bytes},"sha256":"${digest}"}`,
    );
  }

  #sealPayload(next) {
    this.#flush();
    const { count, bytes } = this.#inFile;
    const digest = this.#hash.copy().digest('hex');
    return `{"count":${count},"bytes":${bytes},"sha256":"${digest}","next":${next},"reason":"rotation","clock_steps":0}`;
  }

  #fileName(segment) {
    return `wal-${String(segment).padStart(6, '0')}.jsonl`;
  }

  #write(atUs, eventType, payload, rest = '', isFirst = false) {
    this.#sequence += 1;
    this.#atUs = atUs;
    const isFlush = isFirst || this.#sequence - this.#synced > this.#flushRecords;
    if (isFlush) this.#synced = this.#sequence - 1;
    const body =
      `{"schema_version":2,"sequence":${this.#sequence},"writer_id":"${this.writerId}","ts":"${isoTime(atUs)}"` +
      `,"event_type":"${eventType}","project_path":"/home/me/project","payload":${payload}${rest},"hlc":"${reading(atUs)}"` +
      `${isFlush ? `,"synced":${this.#synced}` : ''},"prev":"${this.#previous}"`;
    this.#previous = crc32(body).toString(16).padStart(8, '0');
    const line = `${body},"crc":"${this.#previous}"}\n`;
    this.#text += line;
    this.records += 1;
    this.bytes += line.length;
    this.#inFile.count += 1;
    this.#inFile.bytes += line.length;
    if (this.#text.length >= chunkChars) this.#flush();
  }

  #flush() {
    if (this.#text === '') return;
    const bytes = Buffer.from(this.#text, 'latin1');
    this.#text = '';
    this.#hash.update(bytes);
    writeSync(this.#fd, bytes);
  }

  #close() {
    this.#flush();
    closeSync(this.#fd);
  }
}
