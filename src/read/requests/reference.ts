/**
 * How people name a request: `@0` is the newest and `@-1` the one before; a ULID, a trace id or a traceparent; or the
 * last characters of the ULID. Never a prefix: the first characters of a ULID are time and shared by neighbours.
 */
import {
  parseCorrelationId,
  parseSpanId,
  parseTraceId,
  parseTraceparent,
  ThroughlineError,
} from '../../context/index.js';
import type { Request, RequestList } from './request.js';
import { walk } from './tree.js';

const suffixCharsMin = 4;
const candidatesMax = 10;
const suffixPattern = /^[0-9A-HJKMNP-TV-Z]+$/;

/**
 * The requests that `reference` names, newest first: all of a correlation id, or one. Requests are given newest
 * first. Throws `RUN_NOT_FOUND`, and `RUN_AMBIGUOUS` with the candidates in its message. `doubt` is said with an id that is
 * not found: what could not be read may have held it.
 */
export function findRequests(
  requests: RequestList,
  reference: string,
  doubt = '',
): readonly Request[] {
  const found = findByIndex(requests, reference) ?? findById(requests, reference);
  if (found.length > 0) return found;
  throw new ThroughlineError('RUN_NOT_FOUND', `no recorded request is ${quote(reference)}${doubt}`);
}

function findByIndex(requests: RequestList, reference: string): readonly Request[] | undefined {
  if (!reference.startsWith('@')) return undefined;
  if (!/^@-?\d{1,9}$/.test(reference)) {
    throw new ThroughlineError('RUN_NOT_FOUND', `${quote(reference)} is not @0, @-1, @-2 …`);
  }
  const request = requests.at(Math.abs(Number(reference.slice(1))));
  if (request !== undefined) return [request];
  throw new ThroughlineError(
    'RUN_NOT_FOUND',
    `there is no ${reference}: ${count(requests.length, 'request')} recorded`,
  );
}

function findById(requests: RequestList, reference: string): readonly Request[] {
  const traceparent = parseTraceparent(reference);
  if (traceparent !== undefined) {
    const ofTrace = filter(requests, (request) => request.traceId === traceparent.traceId);
    const ofSpan = ofTrace.filter((request) => hasSpan(request, traceparent.spanId));
    return ofSpan.length > 0 ? ofSpan : ofTrace;
  }
  const traceId = parseTraceId(reference.toLowerCase());
  if (traceId !== undefined) return filter(requests, (request) => request.traceId === traceId);
  const correlationId = parseCorrelationId(reference);
  if (correlationId !== undefined) {
    return filter(requests, (request) => request.correlationId === correlationId);
  }
  const spanId = parseSpanId(reference);
  const entered = filter(requests, (request) => request.entrySpanId === spanId);
  return entered.length > 0 ? entered : findBySuffix(requests, reference);
}

function findBySuffix(requests: RequestList, reference: string): readonly Request[] {
  // People copy the ellipsis of a short id along with it.
  const suffix = reference.replace(/^(?:…|\.{3})/, '').toUpperCase();
  if (!suffixPattern.test(suffix)) return [];
  if (suffix.length < suffixCharsMin) {
    throw new ThroughlineError(
      'RUN_NOT_FOUND',
      `${quote(reference)} is too short: give at least the last ${suffixCharsMin} characters of the id`,
    );
  }
  const found = filter(requests, (request) => request.correlationId.endsWith(suffix));
  const ids = [...new Set(found.map((request) => request.correlationId))];
  if (ids.length < 2) return found;
  const listed = ids.slice(0, candidatesMax).map((id) => {
    const request = found.find((candidate) => candidate.correlationId === id);
    return `  ${id}  ${request?.started.ts ?? ''}  ${request?.what ?? ''}`;
  });
  if (ids.length > candidatesMax) listed.push(`  … and ${ids.length - candidatesMax} more`);
  throw new ThroughlineError(
    'RUN_AMBIGUOUS',
    `${quote(reference)} could be any of ${ids.length} requests:\n${listed.join('\n')}`,
  );
}

function filter(requests: RequestList, is: (request: Request) => boolean): readonly Request[] {
  const found: Request[] = [];
  for (const request of requests) if (is(request)) found.push(request);
  return found;
}

function hasSpan(request: Request, spanId: string): boolean {
  if (request.entrySpanId === spanId) return true;
  for (const { span } of walk(request.roots)) if (span.spanId === spanId) return true;
  return false;
}

function quote(reference: string): string {
  // The message may span lines for the candidates; what was asked for must not add any.
  return `"${reference.slice(0, 80).replace(/[\p{Control}\p{Format}]/gu, '?')}"`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? ' is' : 's are'}`;
}
