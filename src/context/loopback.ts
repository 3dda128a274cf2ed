/** Where a context may be sent: to this machine, and to origins that were named. Looks up no name. */

/** Whether requests to `url` may carry a context. */
export function isAllowed(url: URL, propagateTo: readonly string[]): boolean {
  return (
    isLoopback(url.hostname) || propagateTo.some((origin) => readUrl(origin)?.origin === url.origin)
  );
}

/** The value as a URL, or `undefined`. */
export function readUrl(value: unknown): URL | undefined {
  if (value instanceof URL) return value;
  return typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
}

/** Whether a host name as it stands in a URL is this machine, whatever a resolver says. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(host)
  );
}

const forwardingHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

/** Whether a proxy says that it handed the request on: then whoever is at the other end is not who asked. */
export function isForwarded(headers: unknown): boolean {
  return forwardingHeaders.some((name) => readHeader(headers, name) !== undefined);
}

/** A header by its lower-case name, from an object or from anything with `get(name)`. */
export function readHeader(headers: unknown, name: string): unknown {
  const get = (headers as { get?: unknown }).get;
  if (typeof get === 'function') return get.call(headers, name) ?? undefined;
  return (headers as Record<string, unknown>)[name];
}
