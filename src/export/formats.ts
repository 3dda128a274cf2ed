/** The one table of formats: what `--format` takes. The code of a format is loaded when it is asked for. */
import type { Exporter } from './exporter.js';

export interface Format {
  readonly name: string;
  /** What it is for, in a few words. */
  readonly help: string;
  /** No text: nothing to be shown on a terminal. */
  readonly isBinary: boolean;
  /** Each chunk that is written is a whole message of this media type, which can be sent on its own. */
  readonly message?: string;
  /** It has one of the four tables, which `--table` names. */
  readonly hasTables: boolean;
  readonly load: () => Promise<Exporter>;
}

export const formats: readonly Format[] = [
  {
    name: 'otlp',
    help: 'OpenTelemetry, protobuf; for collectors, Jaeger, Tempo and their like',
    isBinary: true,
    message: 'application/x-protobuf',
    hasTables: false,
    load: async () => (await import('./otlp/index.js')).exporter,
  },
  {
    name: 'otlp-json',
    help: 'the same as JSON, one message a line',
    isBinary: false,
    message: 'application/json',
    hasTables: false,
    load: async () => (await import('./otlp/index.js')).jsonExporter,
  },
  {
    name: 'perfetto',
    help: 'for ui.perfetto.dev: a process for each writer, arrows from causes to effects',
    isBinary: true,
    hasTables: false,
    load: async () => (await import('./perfetto/index.js')).exporter,
  },
  {
    name: 'chrome',
    help: 'for chrome://tracing and what reads its JSON',
    isBinary: false,
    hasTables: false,
    load: async () => (await import('./chrome/index.js')).exporter,
  },
  {
    name: 'html',
    help: 'one page that opens from disk: a waterfall to search, fold and print',
    isBinary: false,
    hasTables: false,
    load: async () => (await import('./html/index.js')).exporter,
  },
  {
    name: 'csv',
    help: 'a table as text; for spreadsheets and everything else',
    isBinary: false,
    hasTables: true,
    load: async () => (await import('./csv/index.js')).exporter,
  },
  {
    name: 'jsonl',
    help: 'a table as one JSON object a line; for jq and DuckDB',
    isBinary: false,
    hasTables: true,
    load: async () => (await import('./jsonl/index.js')).exporter,
  },
  {
    name: 'parquet',
    help: 'a table in typed columns; for DuckDB, pandas and their like; needs hyparquet-writer',
    isBinary: true,
    hasTables: true,
    load: async () => (await import('./parquet/index.js')).load(),
  },
];
