/** Commands that hand what was read to other tools. Read-only. */
import type { Command } from './command.js';
import { finecode, matchHelp, root, runHelp, since, until } from './options.js';

export const exportCommands: readonly Command[] = [
  {
    name: 'export',
    group: 'requests',
    usage: '--format FORMAT RUN… | --since TIME',
    summary: 'requests in the formats of other tools: traces, tables, a page',
    details: [
      'FORMAT is otlp or otlp-json (OpenTelemetry), perfetto or chrome (trace viewers), csv, jsonl or parquet (tables), or html (one page). docs/export.md says what each holds.',
      runHelp,
      matchHelp,
      'Goes to standard output, or with --to into a file, which appears whole or not at all, or as OTLP to a collector.',
    ],
    options: [
      {
        name: 'format',
        value: 'FORMAT',
        values: ['otlp', 'otlp-json', 'perfetto', 'chrome', 'csv', 'jsonl', 'html', 'parquet'],
        help: 'see above',
      },
      since,
      until,
      {
        name: 'table',
        value: 'NAME',
        values: ['requests', 'runs', 'records', 'effects'],
        help: 'of csv, jsonl and parquet: requests, runs (default), records or effects',
      },
      {
        name: 'to',
        value: 'FILE|URL',
        help: 'a file outside the roots, or a collector (OTLP over HTTP)',
      },
      {
        name: 'header',
        value: 'KEY=VALUE',
        isRepeatable: true,
        help: 'of a URL: sent with each message; also OTEL_EXPORTER_OTLP_HEADERS',
      },
      root,
      finecode,
      { name: 'utc', help: 'read --since and --until as UTC instead of local time' },
    ],
    arguments: { min: 0, max: 64, offer: 'run' },
    finding: 'not everything was written, or it did not arrive',
    examples: [
      ['throughline export --format otlp --since 1h --to http://127.0.0.1:4318', 'to a collector'],
      [
        'throughline export --format csv --table effects --since 1d',
        'files written since yesterday',
      ],
      ['throughline export --format otlp-json @0 > trace.jsonl', 'the newest request as a file'],
    ],
    load: () => import('./commands/export.js'),
  },
];
