/**
 * Sends messages to a collector, one after the other: OTLP over HTTP, compressed, tried again while that may help, for
 * no longer than a minute each and five in all. A message that was sent twice is the same spans: their ids are those of
 * the records.
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
  /** What is known to have been taken, and what may have been; to be asked at any time. */
  soFar(): string;
  /** What the collector did not take, a sentence each. */
  finish(): Promise<readonly string[]>;
  abandon(): Promise<void>;
}

/** From the first try of a message on. */
const messageMsMax = 60_000;
/** Of all messages that were not taken at once, in all: else a thousand of them might take a day. */
const againMsMax = 300_000;
const postMsMax = 10_000;
const backOffMsFirst = 500;
const backOffMsMax = 15_000;
const reasonCharsMax = 200;
const sentencesMax = 5;
const compress = promisify(gzip);
/** Errors that trying again does not change. */
const lasting = /^(?:ENOTFOUND|EPROTO|ERR_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME|HPE_)/;
/** Errors after which nothing can have arrived. */
const unsent = /^(?:ECONNREFUSED|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH)$/;

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
  const tally = new Tally();
  let againMs = 0;
  // Of the message that is sent now: a try that has no answer may have arrived all the same.
  let [isUnderWay, isDoubtful] = [false, false];
  const fail = (why: string): ThroughlineError => {
    const message = `${shown(url)} ${why}; ${tally.taken(' before it')}`;
    return new ThroughlineError('EXPORT_FAILED', message);
  };

  async function write(chunk: Uint8Array | string): Promise<void> {
    const body = await compress(chunk);
    const startMs = nowMs();
    for (let tries = 1; ; tries += 1) {
      isUnderWay = true;
      const answer = await post({ url, headers, body, postMsMax }).catch((error: unknown) => {
        const code = codeOf(error);
        if (lasting.test(code)) throw fail(`cannot be reached (${code})`);
        return code;
      });
      isUnderWay = false;
      isDoubtful ||= typeof answer === 'string' && !unsent.test(answer);
      if (typeof answer !== 'string' && isTaken(answer)) {
        tally.take(answer);
        isDoubtful = false;
        if (tries > 1) againMs += nowMs() - startMs;
        return;
      }
      if (typeof answer !== 'string' && !isForLater(answer)) throw fail(refusal(answer));
      const said = typeof answer === 'string' ? answer : `status ${answer.status}`;
      const asked = typeof answer === 'string' ? undefined : retryAfterMs(answer, nowMs());
      const pauseMs = pauseFor({ tries, asked, random });
      const spentMs = nowMs() + pauseMs - startMs;
      if (spentMs > messageMsMax || againMs + spentMs > againMsMax) {
        const times = tries === 1 ? 'once' : `${tries} times`;
        const longer = asked === undefined ? '' : `, asks to wait ${Math.ceil(asked / 1000)} s`;
        const all = againMs === 0 ? '' : `, ${Math.round(againMs / 1000)} s on messages before it`;
        throw fail(`did not take it (${said}, tried ${times}${longer}${all})`);
      }
      await wait(pauseMs);
    }
  }

  return {
    sink: { write },
    soFar: () =>
      `${tally.taken()}${isUnderWay || isDoubtful ? ', and one more may have been' : ''} (${shown(url)})`,
    async finish() {
      own?.close();
      const rejected = tally.rejected();
      return rejected === '' ? [] : [`${shown(url)} ${rejected}`];
    },
    async abandon() {
      own?.close();
    },
  };
}

/** What was taken, and what of that was not. */
class Tally {
  #taken = 0;
  #rejected = 0;
  readonly #sentences = new Set<string>();

  take(answer: Answer): void {
    this.#taken += 1;
    const partial = partialSuccess(answer);
    if (partial === undefined) return;
    this.#rejected += partial.rejected;
    if (partial.message !== '' && this.#sentences.size < sentencesMax)
      this.#sentences.add(cut(partial.message));
  }

  /** `2 messages were taken`. */
  taken(which = ''): string {
    if (this.#taken === 0) return 'nothing was taken';
    const isOne = this.#taken === 1;
    return `${this.#taken} ${isOne ? 'message' : 'messages'}${which} ${isOne ? 'was' : 'were'} taken`;
  }

  /** `rejected 3 spans and says "too old"`; empty when there is nothing to say. */
  rejected(): string {
    if (this.#rejected === 0 && this.#sentences.size === 0) return '';
    const said = [...this.#sentences].map((sentence) => `"${sentence}"`).join(', ');
    const spans = `${this.#rejected} ${this.#rejected === 1 ? 'span' : 'spans'}`;
    return `rejected ${spans}${said === '' ? '' : ` and says ${said}`}`;
  }
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
