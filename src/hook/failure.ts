/** An error as a record keeps it: code, class and at most 200 characters of the message, with secrets taken out. */
import { cut } from './bounds.js';
import type { JsonObject } from '../wal/index.js';

const messageCharsMax = 200;
/** What is looked at for secrets; a longer message is cut first. */
const scanCharsMax = 2000;
const redacted = '[redacted]';

/** JSON-RPC codes with which a server or its handler says "cancelled". */
const cancelledCodes: ReadonlySet<unknown> = new Set([-32800, -32802]);
const cancelledNames: ReadonlySet<unknown> = new Set([
  'AbortError',
  'CancellationError',
  'Canceled',
]);

const secrets: readonly (readonly [RegExp, string])[] = [
  [/:\/\/[^\s/@:]+:[^\s/@]+@/g, `://${redacted}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, `$1 ${redacted}`],
  [
    /((?:password|passwd|secret|token|credential|api[_-]?key|authorization)["']?\s*[=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&"']+)/gi,
    `$1${redacted}`,
  ],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|npm_|sk-|xox[abpr]-|AKIA|eyJ)[\w.-]{8,}/g, redacted],
  // Long unbroken letters and digits: keys and digests. Paths and words are broken by other characters.
  [/\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{32,}\b/g, redacted],
];
// oxlint-disable-next-line no-control-regex -- Control characters are what it removes: messages end up in terminals.
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** A message or reason for a record: one line, secrets taken out, bounded. */
export function redactText(text: unknown): string {
  const clean = redactSecrets(String(text).slice(0, scanCharsMax).replace(control, ' '));
  // The marker is part of the 200: the promise is on the whole text.
  return clean.length <= messageCharsMax ? clean : cut(clean, messageCharsMax - 16);
}

/** The text with passwords, tokens, keys and the user part of URLs replaced: by pattern, so not all there may be. */
export function redactSecrets(text: string): string {
  let clean = text;
  for (const [pattern, replacement] of secrets) clean = clean.replace(pattern, replacement);
  return clean;
}

/** Whatever was thrown, as `{code?, class, message}`. Never throws, whatever it is given. */
export function describeError(error: unknown): JsonObject {
  try {
    if (!(error instanceof Error)) {
      return { class: typeof error, message: redactText(String(error)) };
    }
    const code = codeOf(error);
    return {
      ...(code === undefined ? {} : { code: typeof code === 'string' ? cut(code, 64) : code }),
      class: cut(error.constructor.name === '' ? error.name : error.constructor.name, 64),
      message: redactText(error.message),
    };
  } catch {
    return { class: 'unreadable', message: '' };
  }
}

/**
 * Whether what a handler rejected with says "cancelled": always for the JSON-RPC codes, and for an abort error only
 * when a cancel was asked for (a timeout inside the handler throws the same error). Never throws.
 */
export function isCancellation(error: unknown, wasAsked: boolean, reason: unknown): boolean {
  if (wasAsked && reason !== undefined && error === reason) return true;
  try {
    if (!(error instanceof Error)) return false;
    const code = codeOf(error);
    if (cancelledCodes.has(code)) return true;
    return wasAsked && (cancelledNames.has(error.name) || code === 'ABORT_ERR');
  } catch {
    return false;
  }
}

function codeOf(error: Error): string | number | undefined {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' || (typeof code === 'number' && Number.isFinite(code))
    ? code
    : undefined;
}
