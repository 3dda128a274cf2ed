/** Words for people: states, durations, times, and a sentence for each bar. Pure. */
import type { WireRequest } from '../wire.js';
import type { PageRequest, PageSpan } from './model.js';

const glyphs: Readonly<Record<string, string>> = {
  completed: '✓',
  failed: '✗',
  cancelled: '■',
  rejected: '⊘',
  in_flight: '▶',
  lost: '!',
  unknown: '?',
};

/** The state's sign. A word always stands beside it or for it. */
export function glyphOf(state: string): string {
  return glyphs[state] ?? '?';
}

export function stateWord(state: string): string {
  return state === 'in_flight' ? 'in flight' : state;
}

const kindWords: Readonly<Record<string, string>> = { dispatch: 'dispatch to', other: 'span' };

export function kindWord(kind: string): string {
  return kindWords[kind] ?? kind;
}

/** `handler ruff_format`. */
export function titleText({ kind, name, id }: PageSpan): string {
  return `${kindWord(kind)} ${name === '' ? id : name}`;
}

/** `20 ms`, `1.21 s`, `12 m 05 s`. */
export function durationText(ms: number): string {
  if (ms <= 0) return '0';
  if (ms < 9.95) return `${ms < 0.1 ? '0.1' : String(Number(ms.toFixed(1)))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const [large, small, unit, part] =
    seconds < 3600
      ? [Math.floor(seconds / 60), Math.floor(seconds % 60), 'm', 's']
      : [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), 'h', 'm'];
  return `${large} ${unit} ${two(small)} ${part}`;
}

/** `2026-11-21 14:02:11.480`, where the page is read. */
export function timeText(microseconds: number): string {
  const date = new Date(microseconds / 1000);
  if (Number.isNaN(date.getTime())) return '—';
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** The same in UTC, to the microsecond. */
export function utcText(microseconds: number): string {
  const milliseconds = Math.floor(microseconds / 1000);
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return '—';
  const rest = String(Math.round(microseconds - milliseconds * 1000)).padStart(3, '0');
  return date.toISOString().replace('Z', `${rest}Z`);
}

/** `…R8Y2XEW`: the first characters of such an id are time, and shared by neighbours. */
export function shortId(id: string): string {
  return `…${id.slice(-7)}`;
}

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A correlation id as tracing tools have it: the same 128 bits as 32 hexadecimal digits. */
export function traceIdOf(id: string): string {
  let value = 0n;
  for (const digit of id) value = value * 32n + BigInt(Math.max(0, digits.indexOf(digit)));
  return value.toString(16).padStart(32, '0');
}

/** `er …C3SZ7K3` of `er-01KAM8VJ5Q3Z9S0V4T6R8Y2XEW`. */
export function writerText(writer: string): string {
  const dash = writer.lastIndexOf('-');
  return dash === -1 || writer.length - dash < 12
    ? writer
    : `${writer.slice(0, dash)} …${writer.slice(-7)}`;
}

export function roleText(writer: string): string {
  const dash = writer.lastIndexOf('-');
  return dash === -1 ? writer : writer.slice(0, dash);
}

export function errorText({ more }: PageSpan): string {
  const [code = '', name = '', message = ''] = more.error ?? [];
  return [code === '' ? name : code, message].filter((part) => part !== '').join(' ');
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** `mcp claude-code`. */
export function viaText({ via, client }: WireRequest): string {
  return [via ?? '', client ?? ''].filter((part) => part !== '').join(' ');
}

/** What is worth saying of a span on its line. */
export function notesOf(span: PageSpan, attempt: PageSpan | undefined): readonly string[] {
  const { more } = span;
  const found: string[] = [];
  const error = errorText(span);
  if (span.state !== 'completed') found.push(stateWord(span.state));
  if (error !== '') found.push(error);
  const tries = attempt?.more.attempt ?? more.attempt;
  if (tries !== undefined && tries > 1) found.push(`attempt ${tries}`);
  if (more.start === null && span.kind !== 'other') found.push('its start is not recorded');
  if (more.cancel !== undefined) found.push(`cancel asked: ${more.cancel}`);
  if (more.gone === 1) found.push('client gone');
  if (more.unheard === 1) found.push('nobody heard the answer');
  if (more.ends !== undefined) found.push(`ended ${more.ends} times`);
  if (more.join === 'inferred') found.push('join inferred');
  if (more.join === 'ambiguous') found.push('join ambiguous');
  if (more.endInferred === 1) found.push('ended by its parts');
  const files = more.effectCount ?? more.effects?.length ?? 0;
  if (files > 0) found.push(plural(files, 'file'));
  if (more.resolution !== undefined) found.push(`resolved: ${more.resolution}`);
  return found;
}

/** What its bar shows, for who does not see it. */
export function sentenceOf(span: PageSpan, attempt: PageSpan | undefined): string {
  const after =
    span.at <= 0 ? 'starts with the request' : `starts after ${durationText(span.at / 1000)}`;
  const lasts =
    span.until === undefined
      ? 'has no recorded end'
      : `lasts ${durationText((span.until - span.at) / 1000)}`;
  const notes = notesOf(span, attempt).filter((note) => note !== stateWord(span.state));
  return [titleText(span), stateWord(span.state), after, lasts, ...notes].join(', ');
}

/** The same of several that are one line. */
export function foldSentence(members: readonly PageSpan[], spans: number): string {
  const [first] = members;
  if (first === undefined) return '';
  const parts = [foldTitle(members), stateWord(first.state), foldTimes(members)];
  return [...parts, `${plural(spans, 'span')} folded`].filter((part) => part !== '').join(', ');
}

export function foldTitle(members: readonly PageSpan[]): string {
  const [first] = members;
  if (first === undefined) return '';
  const names = new Set(members.map(({ name }) => name)).size;
  if (names === 1) return `${titleText(first)} ×${members.length}`;
  const kind = `${names} ${first.kind === 'dispatch' ? 'dispatche' : first.kind}s`;
  return names === members.length ? kind : `${kind} ×${members.length}`;
}

/** `half within 14 ms, longest 20 ms`. */
export function foldTimes(members: readonly PageSpan[]): string {
  const all = members.flatMap(({ ms }) => (ms === undefined ? [] : [ms])).sort((a, b) => a - b);
  const [half, most] = [all[Math.floor((all.length - 1) / 2)], all.at(-1)];
  if (half === undefined || most === undefined) return '';
  return `half within ${durationText(half)}, longest ${durationText(most)}`;
}

/** The time of a line, as exact as the distance to the next one. */
export function tickText(at: number, step: number): string {
  if (at === 0) return '0';
  const [value, unit, size] = step < 1000 ? [at, 'ms', step] : [at / 1000, 's', step / 1000];
  if (at >= 60_000 && step >= 1000) return durationText(at);
  return `${Number(value.toFixed(Math.max(0, -Math.floor(Math.log10(size)))))} ${unit}`;
}

/** Where lines of time stand: four to eight of them, at round numbers of milliseconds. */
export function ticksOf(request: PageRequest): readonly number[] {
  const total = request.length / 1000;
  const rough = total / 6;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * unit).find((each) => each >= rough) ?? unit;
  const ticks: number[] = [];
  for (let at = 0; at <= total && ticks.length < 20; at += step) ticks.push(at);
  return ticks;
}
