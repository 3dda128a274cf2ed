/**
 * Judges the lines of one stream, in order. It knows the chain so far and what the survey found; it reads nothing.
 * Damage never stops it: everything readable around the damage is still handed on.
 */
import type { Fault } from './fault.js';
import { Findings, type Walked } from './findings.js';
import { checkLine, textOf, type Line } from './line.js';
import { Leftover, Region } from './stretch.js';
import type { RawLine } from './lines.js';
import { parseRecord } from './parse.js';
import type { Claim, SurveyedSegment } from './survey.js';

/** Checks of the last records, to tell a repeated record from a contradiction. */
const memory = 65_536;

export class StreamWalker {
  readonly #writerId: string;
  readonly #found = new Findings();
  readonly #checks: number[] = [];
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

  constructor(writerId: string, synced: number) {
    this.#writerId = writerId;
    this.#synced = synced;
  }

  get synced(): number {
    return this.#synced;
  }

  /** The sequence of the last record in the chain. */
  get last(): number {
    return this.#expected - 1;
  }

  /** The file that the last seal names as the next one. */
  get sealedNext(): string | undefined {
    return this.#sealedNext;
  }

  /** What was found since the last call. */
  take(): readonly Walked[] {
    return this.#found.take();
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

  line(raw: RawLine): void {
    const line = raw.isEnded && raw.bytes.length > 0 ? checkLine(raw.bytes) : undefined;
    if (this.#isBypassed || this.#isPastEnd(line)) {
      if (!raw.isBlank) (this.#leftover ??= new Leftover(raw)).add(raw, line);
      return;
    }
    if (line === undefined) {
      (this.#region ??= new Region(raw)).add(raw);
      return;
    }
    this.#judge(line, raw);
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
        this.#found.contradiction(
          'FORK',
          header,
          0,
          'the header names another end of the file before it',
        );
      }
      this.#skipTo(header.sequence);
      this.#prev = header.prev;
      this.#isChainKnown = true;
    }
  }

  /** The file before went on past the end that this header gives it: this file was not taken into use. */
  #isAbandoned(claim: Claim | undefined): boolean {
    return (
      claim?.kind === 'continues' &&
      claim.file === this.#mainFile &&
      !this.#isSealed &&
      this.#expected > claim.sequence + 1
    );
  }

  #isPastEnd(line: Line | undefined): boolean {
    const next = this.#next;
    return (
      next?.kind === 'supersedes' &&
      this.#expected > next.sequence &&
      (line === undefined || line.sequence > next.sequence)
    );
  }

  #judge(line: Line, raw: RawLine): void {
    const region = this.#region;
    this.#region = undefined;
    if (line.sequence < this.#expected || line.writerId !== this.#writerId) {
      if (region !== undefined)
        this.#found.region('CORRUPT', region, this.#expected, 'damage between two records');
      this.#again(line, raw);
      return;
    }
    const expected = this.#expected;
    if (line.sequence > expected) {
      if (region === undefined) {
        this.#found.missing('GAP', { offset: raw.offset, bytes: 0 }, expected, line.sequence - 1);
      } else if (expected <= this.#synced) {
        this.#found.missing('CORRUPT', region, expected, line.sequence - 1);
      } else {
        this.#found.region(
          'TORN',
          region,
          this.#expected,
          'part of a batch that was never acknowledged',
        );
      }
      this.#isChainKnown = false;
    } else if (region !== undefined) {
      this.#found.region(
        'CORRUPT',
        region,
        this.#expected,
        'bytes between two records that no writer put there',
      );
    }
    if (this.#isChainKnown && line.prev !== this.#prev) {
      this.#found.contradiction(
        'FORK',
        line,
        raw.offset,
        'the record does not follow the one before it',
      );
    } else if (this.#isSealed) {
      this.#found.contradiction('FORK', line, raw.offset, 'a record after the seal');
    }
    this.#accept(line, raw);
  }

  #accept(line: Line, raw: RawLine): void {
    this.#isSealed = line.eventType === 'wal.sealed';
    if (this.#isSealed) {
      const next = parseRecord(textOf(raw.bytes))?.payload['next'];
      this.#sealedNext = typeof next === 'string' ? next : undefined;
    }
    this.#expected = line.sequence + 1;
    this.#prev = line.crc;
    this.#isChainKnown = true;
    this.#checks[line.sequence % memory] = line.crc;
    if (line.synced !== undefined && line.synced > this.#synced) this.#synced = line.synced;
    this.#found.line(line, raw);
  }

  /** A sequence that was passed already, or another writer's record. */
  #again(line: Line, raw: RawLine): void {
    const isOwn = line.writerId === this.#writerId;
    const seen = isOwn ? this.#checks[line.sequence % memory] : undefined;
    if (seen === line.crc) {
      this.#found.contradiction('DUP', line, raw.offset, 'the same record stands here again');
    } else {
      this.#found.contradiction(
        'FORK',
        line,
        raw.offset,
        'a record of another history, or out of its place',
      );
      // It passes its own check, and what is readable is read.
      if (isOwn) this.#found.line(line, raw);
    }
  }

  /** Goes on at `sequence` without knowing the check before it. */
  #skipTo(sequence: number): void {
    this.#expected = sequence;
    this.#isChainKnown = false;
  }
}
