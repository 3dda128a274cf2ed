/** Headers that go with each message: from `--header` and from OpenTelemetry's variable. Never printed anywhere. */
import { UsageError } from '../command.js';

const namePattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
// Visible characters, spaces and tabs: no line of its own can be smuggled in.
const valuePattern = /^[\t\x20-\x7e\x80-\xff]{0,8192}$/;

/** `--header` goes before the variable, which is `key=value,key=value`, percent-encoded. Throws `UsageError`. */
export function headersOf(
  given: readonly string[],
  variable: string | undefined,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const pair of (variable ?? '').split(',')) {
    if (pair.trim() === '') continue;
    const [name, value] = split(pair, 'OTEL_EXPORTER_OTLP_HEADERS');
    headers[name] = checked(decoded(value), 'OTEL_EXPORTER_OTLP_HEADERS');
  }
  for (const pair of given) {
    const [name, value] = split(pair, '--header');
    headers[name] = checked(value, '--header');
  }
  return headers;
}

/** The value stays out of the message: it is likely a secret. */
function split(pair: string, from: string): readonly [name: string, value: string] {
  const at = pair.indexOf('=');
  const name = pair.slice(0, Math.max(at, 0)).trim().toLowerCase();
  if (!namePattern.test(name)) {
    throw new UsageError(`${from} takes KEY=VALUE, KEY being the name of an HTTP header`);
  }
  return [name, pair.slice(at + 1).trim()];
}

function checked(value: string, from: string): string {
  if (valuePattern.test(value)) return value;
  throw new UsageError(`${from} has a value that cannot be sent in an HTTP header`);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
