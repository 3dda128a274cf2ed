/**
 * What is in the page's data: one JSON value a line, compressed. A line for each request, and last one about all of
 * them. Short, because it is in every page: a span is a list whose last places are left out where there is nothing to
 * say. Types only; whoever writes and whoever shows share them.
 */

/** Times are microseconds of the merged clock since `start`, unless they say otherwise. */
export interface WireRequest {
  readonly id: string;
  readonly entry: string;
  readonly state: string;
  readonly why: string;
  /** The merged clock at its first record, microseconds since 1970. */
  readonly start: number;
  /** At its last one. */
  readonly last: number;
  /** The writers' own clock at its first record, microseconds since 1970. */
  readonly at: number;
  readonly ms?: number;
  readonly via?: string;
  readonly client?: string;
  readonly what: string;
  readonly spans: number;
  readonly open: number;
  readonly records: number;
  readonly effects: number;
  readonly answered?: boolean;
  readonly resolution?: string;
  /** Names, kinds, states and writers: spans name them by their place. */
  readonly texts: readonly string[];
  readonly rows: readonly WireSpan[];
}

/** Parents before children. */
export type WireSpan = readonly [
  id: string,
  /** How many places before this one the span is that it is shown below; 0: none. */
  up: number,
  kind: number,
  name: number,
  state: number,
  writer: number,
  /** Its first record. */
  at: number,
  ms: number | null,
  records: number,
  /** Siblings of one number, which is not 0, are shown as one line. */
  fold?: number,
  more?: WireMore,
];

/** What few spans have. Times are of the writers' own clocks, microseconds since `at` of the request. */
export interface WireMore {
  /** Its recorded parent, where that is not what it is shown below, nor the front's span. */
  readonly parent?: string | null;
  /** When it started, where that is not `at`; null: no record says. */
  readonly start?: number | null;
  /** When it ended, where that is not `ms` after it started. */
  readonly end?: number | null;
  /** When it ended by the merged clock, where that is not `end`. */
  readonly till?: number;
  readonly open?: 1;
  readonly why?: string;
  readonly error?: readonly [code: string, name: string, message: string];
  readonly attempt?: number;
  readonly runner?: string;
  readonly run?: string;
  readonly trigger?: string;
  readonly env?: string;
  readonly unheard?: 1;
  readonly cancel?: string;
  readonly gone?: 1;
  readonly resolution?: string;
  readonly ends?: number;
  /** How sure it is that it belongs where it is shown, where no id says so. */
  readonly join?: string;
  /** What else may have caused it. */
  readonly candidates?: readonly string[];
  readonly endInferred?: 1;
  readonly links?: readonly string[];
  readonly effects?: readonly WireEffect[];
  /** How many effects there are, where not all are here. */
  readonly effectCount?: number;
  readonly lastEvent?: string;
}

export type WireEffect = readonly [
  change: string,
  path: string,
  before: string,
  after: string,
  inferred: 0 | 1,
];

/** The last line. */
export interface WireTruth {
  /** What it was read from, and whether that was all there is. */
  readonly truth: string;
  /** What makes an answer doubtful, a sentence each. */
  readonly faults: readonly string[];
  /** What is not in this page, a sentence each. */
  readonly leftOut: readonly string[];
}
