export declare class Random {
  constructor(seed: number);
  next(): number;
  below(limit: number): number;
  spanId(): string;
  ulid(ms: number): string;
}
export declare function reading(microseconds: number): string;
export declare function isoTime(microseconds: number): string;
export declare class StreamBytes {
  readonly writerId: string;
  readonly directory: string;
  readonly records: number;
  readonly bytes: number;
  constructor(
    root: string,
    options: {
      readonly role: string;
      readonly writerId: string;
      readonly identity?: Readonly<Record<string, unknown>> | undefined;
      readonly segmentBytesMax?: number | undefined;
      readonly flushRecords?: number | undefined;
    },
  );
  add(atUs: number, eventType: string, payload: string, rest?: string): void;
  end(atUs: number, isSealed?: boolean): void;
}
