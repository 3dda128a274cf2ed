/** Reads a page back as a browser does: the data in its one inert script, base64 of gzip of a JSON value a line. */
import { gunzipSync } from 'node:zlib';
import type { CorpusSpan } from '../support/export-corpus.js';

export interface ReadPage {
  readonly policy: string;
  readonly style: string;
  readonly script: string;
  readonly requests: readonly ReadRequest[];
  readonly truth: {
    readonly truth: string;
    readonly faults: readonly string[];
    readonly leftOut: readonly string[];
  };
}

export interface ReadRequest {
  readonly id: string;
  readonly entry: string;
  readonly state: string;
  readonly what: string;
  readonly at: number;
  readonly spans: number;
  readonly texts: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export function readPage(html: string): ReadPage {
  const part = (pattern: RegExp): string => {
    const found = pattern.exec(html)?.[1];
    if (found === undefined) throw new Error(`no ${pattern}`);
    return found;
  };
  const data = part(/<script type="text\/plain" id="data">([A-Za-z0-9+/=]*)<\/script>/);
  const lines = gunzipSync(Buffer.from(data, 'base64')).toString().trimEnd().split('\n');
  const values = lines.map((line) => JSON.parse(line) as unknown);
  return {
    policy: part(/<meta http-equiv="Content-Security-Policy" content="([^"]*)">/),
    style: part(/<style>([\s\S]*?)<\/style>/),
    script: part(/<script>([\s\S]*?)<\/script>/),
    requests: values.slice(0, -1) as ReadRequest[],
    truth: values.at(-1) as ReadPage['truth'],
  };
}

export function spansOfPage({ requests }: Pick<ReadPage, 'requests'>): CorpusSpan[] {
  return requests.flatMap((request) => request.rows.map((_, index) => spanOf(request, index)));
}

function spanOf(request: ReadRequest, index: number): CorpusSpan {
  const [id, up, kind, name, state, writer, at, ms, , , more = {}] = request.rows[index] as [
    ...[string, number, number, number, number, number, number, number | null, number],
    number?,
    Readonly<Record<string, unknown>>?,
  ];
  const told = up === 0 ? request.entry : request.rows[index - up]?.[0];
  const start = 'start' in more ? (more['start'] as number | null) : at;
  const measured = start === null || ms === null ? null : start + Math.round(ms * 1000);
  const end = 'end' in more ? (more['end'] as number | null) : measured;
  const text = (place: number): string => request.texts[place] ?? 'no text';
  return {
    correlationId: request.id,
    spanId: id,
    parentSpanId: ('parent' in more ? more['parent'] : told) as string | null,
    kind: text(kind),
    name: text(name),
    state: text(state),
    start: start === null ? null : request.at + start,
    end: end === null ? null : request.at + end,
    links: (more['links'] as readonly string[] | undefined) ?? [],
    writerId: text(writer),
  };
}
