/** The shape of vectors.json: what another language's runner has to read. Nothing here computes an expectation. */
import { readFileSync } from 'node:fs';

export type Pairs = readonly (readonly [string, string])[];

export interface WireLink {
  readonly trace_id: string;
  readonly span_id: string;
}

export interface WireTraceparent {
  readonly trace_id: string;
  readonly span_id: string;
  readonly flags: number;
}

export interface WireContext extends WireTraceparent {
  readonly tracestate: Pairs;
  readonly links: readonly WireLink[];
  readonly hlc?: string;
  readonly origin?: Readonly<Record<string, string>>;
  readonly baggage?: string;
}

export interface WireBegun {
  readonly trace_id?: string;
  readonly parent_span_id?: string;
  readonly flags: number;
  readonly tracestate: Pairs;
  readonly links: readonly WireLink[];
  readonly origin?: Readonly<Record<string, string>>;
  readonly baggage?: string;
}

interface Named {
  readonly name: string;
}

interface Case<Input, Output> extends Named {
  readonly in: Input;
  readonly out: Output;
}

export type ClockStep =
  | { readonly op: 'tick'; readonly now_us: number; readonly out: string }
  | { readonly op: 'merge'; readonly now_us: number; readonly hlc: string; readonly out: string }
  | { readonly op: 'start_after'; readonly now_us: number; readonly hlc: string };

export interface Vectors {
  readonly format: number;
  readonly correlation_ids: readonly { correlation_id: string; trace_id: string }[];
  readonly correlation_ids_read: readonly Case<unknown, string | null>[];
  readonly correlation_id_times: readonly { correlation_id: string; ms: number }[];
  readonly trace_ids_invalid: readonly unknown[];
  readonly span_ids_invalid: readonly unknown[];
  readonly traceparent: readonly (Case<unknown, WireTraceparent | null> & {
    readonly written?: string;
  })[];
  readonly tracestate: readonly Case<unknown, Pairs | null>[];
  readonly tracestate_written: readonly (Named & { members: Pairs; out: string })[];
  readonly tl_read: readonly Case<
    string,
    { readonly hlc?: string; readonly origin?: Readonly<Record<string, string>> }
  >[];
  readonly tl_written: readonly (Named & {
    hlc: string;
    origin?: Readonly<Record<string, string>>;
    out: string;
  })[];
  readonly tl_links_read: readonly Case<string, readonly WireLink[]>[];
  readonly tl_links_written: readonly (Named & { links: readonly WireLink[]; out: string })[];
  readonly hlc: readonly { hlc: string; us: number; counter: number }[];
  readonly hlc_sorted: readonly string[];
  readonly hlc_invalid: readonly unknown[];
  readonly hlc_sequences: readonly (Named & {
    drift_ms_max: number;
    start_us: number;
    steps: readonly ClockStep[];
  })[];
  readonly messages_read: readonly (Named & { message: unknown; out: WireContext | null })[];
  readonly env_read: readonly (Named & {
    env: Readonly<Record<string, string>>;
    out: WireContext | null;
  })[];
  readonly headers_read: readonly (Named & { headers: unknown; out: WireContext | null })[];
  readonly messages_written: readonly (Named & {
    form: 'meta' | 'w3c' | 'params-meta' | 'finecode';
    context: WireContext;
    message: object;
    out: object;
  })[];
  readonly begin: readonly (Named & {
    carrier: unknown;
    trust?: 'join' | 'link' | 'ignore';
    sampled?: boolean;
    links?: readonly WireLink[];
    origin?: Readonly<Record<string, string>>;
    out: WireBegun;
  })[];
}

export const vectors: Vectors = JSON.parse(
  readFileSync(new URL('vectors.json', import.meta.url), 'utf8'),
) as Vectors;
