/**
 * Sends messages to a collector, one after the other: OTLP over HTTP, compressed, tried again while that may help and
 * for no longer than a minute. A message that was sent twice is the same spans: their ids are those of the records.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ThroughlineError } from '../../context/index.js';
import type { Sink } from '../exporter.js';
import {
  isForLater,
  isTaken,
  partialSuccess,
  reasonOf,
  retryAfterMs,
  type Answer,
} from './answer.js';
import { poster, type Poster } from './post.js';

export interface CollectorOptions {
  /** `/v1/traces` is added unless it ends so. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  /** For tests: what stands for the network, the clock and the dice. */
  readonly post?: Poster;
  readonly nowMs?: () => number;
  readonly random?: () => number;
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** A collector to write to; each chunk is a message. Rejects with `EXPORT_FAILED`. */
export interface Collector {
  readonly sink: Sink;
  /** What the collector did not take, a sentence each. */
  finish(): Promise<readonly string[]>;
  abandon(): Promise<void>;
}

/** From the first try of a message on. */
const messageMsMax = 60_000;
const postMsMax = 10_000;
const backOffMsFirst = 500;
const backOffMsMax = 15_000;
const reasonCharsMax = 200;
const sentencesMax = 5;
const compress = promisify(gzip);
/** Errors that trying again does not change. */
const lasting = /^(?:ENOTFOUND|EPROTO|ERR_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME|HPE_)/;

export function collector(options: CollectorOptions): Collector {
  const url = tracesUrl(options.url);
  const { nowMs = Date.now, wait = sleep, random = chance } = options;
  const own = options.post === undefined ? poster(url) : undefined;
  const post = options.post ?? own?.post ?? poster(url).post;
  const headers = {
    'user-agent': 'throughline',
    ...options.headers,
    'content-type': options.contentType,
    'content-encoding': 'gzip',
  };
  let [taken, rejected] = [0, 0];
  const sentences = new Set<string>();
  const fail = (why: string): ThroughlineError => {
    const before = taken === 0 ? 'nothing was taken' : `${taken} messages before it were taken`;
    return new ThroughlineError('EXPORT_FAILED', `${shown(url)} ${why}; ${before}`);
  };

  async function write(chunk: Uint8Array | string): Promise<void> {
    const body = await compress(chunk);
    const startMs = nowMs();
    for (let tries = 1; ; tries += 1) {
      const answer = await post({ url, headers, body, postMsMax }).catch((error: unknown) => {
        const code = codeOf(error);
        if (lasting.test(code)) throw fail(`cannot be reached (${code})`);
        return code;
      });
      if (typeof answer !== 'string' && isTaken(answer)) {
        take(answer);
        return;
      }
      if (typeof answer !== 'string' && !isForLater(answer)) throw fail(refusal(answer));
      const said = typeof answer === 'string' ? answer : `status ${answer.status}`;
      const asked = typeof answer === 'string' ? undefined : retryAfterMs(answer, nowMs());
      const pauseMs = pauseFor({ tries, asked, random });
      if (nowMs() + pauseMs - startMs > messageMsMax) {
        const times = tries === 1 ? 'once' : `${tries} times`;
        throw fail(
          `did not take it (${said}, tried ${times}${asked === undefined ? '' : `, asks to wait ${Math.ceil(asked / 1000)} s`})`,
        );
      }
      await wait(pauseMs);
    }
  }

  function take(answer: Answer): void {
    taken += 1;
    const partial = partialSuccess(answer);
    if (partial === undefined) return;
    rejected += partial.rejected;
    if (partial.message !== '' && sentences.size < sentencesMax)
      sentences.add(cut(partial.message));
  }

  return {
    sink: { write },
    async finish() {
      own?.close();
      if (rejected === 0 && sentences.size === 0) return [];
      const said = [...sentences].map((sentence) => `"${sentence}"`).join(', ');
      const spans = `${rejected} ${rejected === 1 ? 'span' : 'spans'}`;
      return [`${shown(url)} rejected ${spans}${said === '' ? '' : ` and says ${said}`}`];
    },
    async abandon() {
      own?.close();
    },
  };
}

/** From 0 to 1. */
function chance(): number {
  return randomInt(1001) / 1000;
}

/** Where traces go below an endpoint. */
export function tracesUrl(given: URL): URL {
  const url = new URL(given);
  url.hash = '';
  if (!url.pathname.endsWith('/v1/traces')) {
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  }
  return url;
}

/** Doubles, and half of it is chance, so that many who wait do not come back together. Never less than was asked for. */
function pauseFor(of: {
  readonly tries: number;
  readonly asked: number | undefined;
  readonly random: () => number;
}): number {
  const full = Math.min(backOffMsMax, backOffMsFirst * 2 ** (of.tries - 1));
  const pauseMs = full / 2 + (of.random() * full) / 2;
  return of.asked === undefined ? pauseMs : of.asked + pauseMs / 2;
}

function refusal(answer: Answer): string {
  const reason = reasonOf(answer);
  const said = reason === '' ? '' : `: "${cut(reason)}"`;
  return `answered ${answer.status}${said}${hints[answer.status] ?? ''}`;
}

const hints: Readonly<Record<number, string>> = {
  200: ' with a web page (is this a collector for OTLP over HTTP? Its port is mostly 4318)',
  301: ' (redirects are not followed: give the address it leads to)',
  302: ' (redirects are not followed: give the address it leads to)',
  307: ' (redirects are not followed: give the address it leads to)',
  308: ' (redirects are not followed: give the address it leads to)',
  401: ' (it wants to know who asks: --header authorization=…, or OTEL_EXPORTER_OTLP_HEADERS)',
  403: ' (it does not let these headers in)',
  404: ' (is this a collector for OTLP over HTTP? Its port is mostly 4318)',
  405: ' (is this a collector for OTLP over HTTP? Its port is mostly 4318)',
  413: ' (it takes less than a message has)',
  415: ' (it may take the other spelling: --format otlp or otlp-json)',
};

/** Without what may be secret in it. */
function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

function cut(text: string): string {
  return text.length <= reasonCharsMax ? text : `${text.slice(0, reasonCharsMax)}…`;
}

function codeOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : String(message ?? error);
}
