/** `throughline id`: one id in all its spellings. Reads no stream. */
import {
  correlationIdOf,
  correlationIdTimeMs,
  parseCorrelationId,
  parseTraceId,
  parseTraceparent,
  traceIdOf,
  type CorrelationId,
} from '../../context/index.js';
import { exitCode, UsageError, type Given } from '../command.js';
import { jsonLine } from '../json.js';
import { columns, print } from '../text.js';
import { dayTime } from '../times.js';

export async function execute(given: Given): Promise<number> {
  const value = (given.arguments[0] ?? '').trim();
  const traceparent = parseTraceparent(value);
  const correlationId = readId(value);
  if (correlationId === undefined) {
    throw new UsageError(`"${value.slice(0, 80)}" is no ULID, no trace id and no traceparent`);
  }
  const traceId = traceIdOf(correlationId);
  const timeMs = correlationIdTimeMs(correlationId);
  if (given.flag('json')) {
    print([
      jsonLine('id/1', {
        correlation_id: correlationId,
        trace_id: traceId,
        span_id: traceparent?.spanId ?? null,
        flags: traceparent?.flags ?? null,
        ulid_time: new Date(timeMs).toISOString(),
      }),
    ]);
    return exitCode.ok;
  }
  const rows: string[][] = [
    ['correlation id', correlationId],
    ['trace id', traceId],
  ];
  if (traceparent !== undefined) rows.push(['span id', traceparent.spanId]);
  rows.push(
    ['short', `…${correlationId.slice(-7)}`],
    [
      'time',
      `${dayTime(timeMs * 1000, { isUtc: given.flag('utc') })}, if it was minted as a ULID; a foreign trace id holds none`,
    ],
  );
  print(columns(rows));
  return exitCode.ok;
}

function readId(value: string): CorrelationId | undefined {
  const traceId = parseTraceparent(value)?.traceId ?? parseTraceId(value.toLowerCase());
  return traceId === undefined ? parseCorrelationId(value) : correlationIdOf(traceId);
}
