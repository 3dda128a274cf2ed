/**
 * Judges the lines of one stream, in order. It knows the chain so far and what the survey found; it reads nothing.
 * Damage never stops it: everything readable around the damage is still handed on.
 */
import type { Block } from './blocks.js';
import type { Fault } from './fault.js';
import { Findings, type Listener } from './findings.js';
import { Line } from '../record/line.js';
import { parseRecord } from '../record/parse.js';
import { RecentChecks } from './recent-checks.js';
import { Leftover, Region } from './stretch.js';
import type { Claim, SurveyedSegment } from './survey.js';

const newline = 10;

export class StreamWalker {
  readonly #line: Line;
  readonly #found: Findings;
  readonly #checks = new RecentChecks();
  #synced: number;
  /** The last file that was not bypassed. */
  #mainFile = '';
  #expected = 1;
  #prev = 0;
  #isChainKnown = true;
  #region: Region | undefined;
  #leftover: Leftover | undefined;
  /** The claim of the file that goes on from the current one. */
  #next: Claim | undefined;
  #isBypassed = false;
  #isSealed = false;
  #sealedNext: string | undefined;

  constructor(writerId: string, synced: number, listener: Listener) {
    this.#line = new Line(writerId);
    this.#found = new Findings(listener);
    this.#synced = synced;
  }

  get synced(): number {
    return this.#synced;
  }

  /** The file that is walked is no part of the stream. */
  get isBypassed(): boolean {
    return this.#isBypassed;
  }

  /** The sequence of the last record in the chain. */
  get last(): number {
    return this.#expected - 1;
  }

  /** The file that the last seal names as the next one. */
  get sealedNext(): string | undefined {
    return this.#sealedNext;
  }

  /** Begins a file. `next` is what the file that goes on from this one says of it. */
  begin(segment: SurveyedSegment, next: Claim | undefined): void {
    this.#isBypassed = segment.isBypassed || this.#isAbandoned(segment.claim);
    this.#found.file = segment.file;
    this.#next = next;
    if (this.#isBypassed) return;
    this.#mainFile = segment.file;
    this.#isSealed = false;
    this.#sealedNext = undefined;
    const { header, claim } = segment;
    if (header === undefined) return;
    if (claim !== undefined) this.#follow(header, claim);
  }

  /** Every record of the stream's past up to here is not there, and that is known. */
  startAt(sequence: number, prev: number): void {
    this.#expected = sequence;
    this.#prev = prev;
  }

  /** The lines of the next block of the file. */
  walk(block: Block): void {
    const { bytes, end, offset, tooLongBytes } = block;
    if (tooLongBytes > 0) this.#notALine(offset, tooLongBytes, false);
    this.#line.use(bytes);
    for (let start = block.start; start < end;) {
      const at = bytes.indexOf(newline, start);
      const isEnded = at !== -1 && at < end;
      let next = isEnded ? at + 1 : end;
      // Padding comes by the megabyte: a run of newlines is one item.
      const isBlank = at === start;
      if (isBlank) while (next < end && bytes[next] === newline) next += 1;
      if (!isBlank && isEnded && this.#line.check(start, at)) this.#take(offset + start);
      else this.#notALine(offset + start, next - start, isBlank);
      start = next;
    }
  }

  /** Ends the file: what is left over is judged by what the next file says. */
  end(): void {
    this.#leftover?.tell(this.#found);
    this.#leftover = undefined;
    const region = this.#region;
    this.#region = undefined;
    if (this.#isBypassed) return;
    const next = this.#isAbandoned(this.#next) ? undefined : this.#next;
    if (region !== undefined && !region.isBlank) {
      const bound = next === undefined ? this.#synced : next.sequence;
      if (this.#expected <= bound) this.#found.missing('CORRUPT', region, this.#expected, bound);
      else
        this.#found.region(
          'TORN',
          region,
          this.#expected,
          'the end of a file that a crash cut short',
        );
      if (this.#expected <= bound) this.#skipTo(bound + 1);
    } else if (next !== undefined && this.#expected <= next.sequence) {
      const at = { offset: region?.offset ?? 0, bytes: region?.bytes ?? 0 };
      this.#found.missing('GAP', at, this.#expected, next.sequence);
      this.#skipTo(next.sequence + 1);
    }
  }

  /** Says that the stream ends here without a seal. */
  endOfStream(file: string, offset: number): void {
    if (this.#isSealed) return;
    const sequenceTo = this.last;
    const message = `the stream ends with record ${sequenceTo} and without a seal`;
    this.#found.fault({ verdict: 'UNSEALED', file, offset, sequenceTo, message });
  }

  report(fault: Fault): void {
    this.#found.fault(fault);
  }

  /** A valid header names where the file before it ended. */
  #follow(header: Line, claim: Claim): void {
    if (claim.kind === 'continues' && this.#expected === claim.sequence + 1) {
      // No seal was read: the header stands for it, and its own `prev` is the seal's check.
      if (this.#isChainKnown && this.#prev !== claim.crc) {
        const message = 'the header names another end of the file before it';
        this.#found.contradiction('FORK', header.sequence, 0, message);
      }
      this.#skipTo(header.sequence);
      this.#prev = header.prev;
      this.#isChainKnown = true;
    }
  }

  /** The file before went on past the end that this header gives it: this file was not taken into use. */
  #isAbandoned(claim: Claim | undefined): boolean {
    if (claim?.kind !== 'continues' || claim.file !== this.#mainFile) return false;
    // The seal that names a next file is past that end, and no other record is.
    return this.#expected > claim.sequence + (this.#sealedNext === undefined ? 1 : 2);
  }

  /** Bytes of the file that are no valid line. */
  #notALine(offset: number, bytes: number, isBlank: boolean): void {
    if (!this.#isBypassed && !this.#isPastEnd(Number.POSITIVE_INFINITY)) {
      (this.#region ??= new Region(offset)).add(bytes, isBlank);
    } else if (!isBlank) {
      (this.#leftover ??= new Leftover(offset)).add(bytes, 0);
    }
  }

  /** The valid line that was looked at last, which stands at `offset`. */
  #take(offset: number): void {
    const line = this.#line;
    if (this.#isBypassed || this.#isPastEnd(line.sequence)) {
      (this.#leftover ??= new Leftover(offset)).add(line.end + 1 - line.start, line.sequence);
      return;
    }
    const region = this.#region;
    this.#region = undefined;
    if (line.sequence < this.#expected || !line.isOwn) {
      if (region !== undefined)
        this.#found.region('CORRUPT', region, this.#expected, 'damage between two records');
      this.#again(line, offset);
      return;
    }
    if (line.sequence > this.#expected) this.#jump(line, offset, region);
    else if (region !== undefined) {
      const message = 'bytes between two records that no writer put there';
      this.#found.region('CORRUPT', region, this.#expected, message);
    }
    if (this.#isChainKnown && line.prev !== this.#prev) {
      const message = 'the record does not follow the one before it';
      this.#found.contradiction('FORK', line.sequence, offset, message);
    } else if (this.#isSealed) {
      this.#found.contradiction('FORK', line.sequence, offset, 'a record after the seal');
    }
    this.#accept(line, offset);
  }

  #isPastEnd(sequence: number): boolean {
    const next = this.#next;
    return (
      next?.kind === 'supersedes' && this.#expected > next.sequence && sequence > next.sequence
    );
  }

  /** A record beyond the expected one. */
  #jump(line: Line, offset: number, region: Region | undefined): void {
    const from = this.#expected;
    if (region === undefined) {
      this.#found.missing('GAP', { offset, bytes: 0 }, from, line.sequence - 1);
    } else if (from <= this.#synced) {
      this.#found.missing('CORRUPT', region, from, line.sequence - 1);
    } else {
      this.#found.region('TORN', region, from, 'part of a batch that was never acknowledged');
    }
    this.#isChainKnown = false;
  }

  #accept(line: Line, offset: number): void {
    this.#isSealed = line.isStreams && line.eventType === 'wal.sealed';
    if (this.#isSealed) {
      const next = parseRecord(line.text)?.payload['next'];
      this.#sealedNext = typeof next === 'string' ? next : undefined;
    }
    this.#expected = line.sequence + 1;
    this.#prev = line.crc;
    this.#isChainKnown = true;
    this.#checks.add(line.sequence, line.crc);
    if (line.synced > this.#synced) this.#synced = line.synced;
    this.#found.record(line, offset);
  }

  /** A sequence that was passed already, or another writer's record. */
  #again(line: Line, offset: number): void {
    if (line.isOwn && this.#checks.has(line.sequence, line.crc)) {
      const message = 'the same record stands here again';
      this.#found.contradiction('DUP', line.sequence, offset, message);
      return;
    }
    const message = 'a record of another history, or out of its place';
    this.#found.contradiction('FORK', line.sequence, offset, message);
    // It passes its own check, and what is readable is read.
    if (line.isOwn) this.#found.record(line, offset);
  }

  /** Goes on at `sequence` without knowing the check before it. */
  #skipTo(sequence: number): void {
    this.#expected = sequence;
    this.#isChainKnown = false;
  }
}
