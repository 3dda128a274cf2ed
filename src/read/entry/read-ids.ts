/** Members of a record that are more than text, read with suspicion: what is not what it claims to be is absent. */
import {
  correlationIdOf,
  parseCorrelationId,
  parseSpanId,
  parseTraceId,
  type CorrelationId,
  type Link,
  type Origin,
} from '../../context/index.js';
import { isObject, text } from './values.js';

const originParts = ['front', 'method', 'name', 'client'] as const;
const linksMax = 64;

export function readCorrelationId(value: unknown): CorrelationId | undefined {
  const correlationId = parseCorrelationId(value);
  if (correlationId !== undefined) return correlationId;
  const traceId = parseTraceId(value);
  return traceId === undefined ? undefined : correlationIdOf(traceId);
}

export function readOrigin(value: unknown): Origin | undefined {
  if (!isObject(value)) return undefined;
  const origin: Record<string, string> = {};
  for (const part of originParts) {
    const read = text(value[part]);
    if (read !== undefined) origin[part] = read;
  }
  return Object.keys(origin).length === 0 ? undefined : origin;
}

export function readLinks(value: unknown): readonly Link[] {
  if (!Array.isArray(value)) return [];
  const links: Link[] = [];
  for (const item of value.slice(0, linksMax) as readonly unknown[]) {
    if (!isObject(item)) continue;
    const traceId = parseTraceId(item['trace_id']);
    const spanId = parseSpanId(item['span_id']);
    if (traceId !== undefined && spanId !== undefined) links.push({ traceId, spanId });
  }
  return links;
}
