/** One request over HTTP and what its answer is for a client on stdio. Keeps nothing. */

const redirectsMax = 3;

export interface Target {
  readonly url: URL;
  readonly fetch: typeof fetch;
}

/** Follows redirects within the origin only: what is sent is meant for nobody else. */
export async function fetchWithin(target: Target, init: RequestInit): Promise<Response> {
  let { url } = target;
  for (let hops = 0; ; hops += 1) {
    const response = await target.fetch(url, { ...init, redirect: 'manual' });
    const location = response.headers.get('location');
    const isKept = response.status === 307 || response.status === 308;
    if (!isKept || location === null || hops === redirectsMax) return response;
    const next = new URL(location, url);
    if (next.origin !== url.origin) return response;
    await response.body?.cancel();
    url = next;
  }
}

/** The version that an `initialize` was answered with. */
export function versionOf(line: Uint8Array): string | undefined {
  const text = Buffer.from(line).toString('utf8', 0, 65_536);
  return /"protocolVersion"\s*:\s*"([0-9A-Za-z.-]{1,64})"/.exec(text)?.[1];
}

/** The body as one line: newlines of JSON are white space. Throws when it is too large. */
export async function oneLine(response: Response, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > bytesMax) throw new RangeError(`its answer is over ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  const line = Buffer.concat([...chunks, Buffer.from('\n')]);
  for (let at = 0; at < line.length - 1; at += 1) {
    if (line[at] === 0x0a || line[at] === 0x0d) line[at] = 0x20;
  }
  return line;
}

export async function reasonOf(response: Response): Promise<string> {
  await response.body?.cancel().catch(() => undefined);
  const { status, statusText } = response;
  if (response.ok) return 'the connection ended before the answer came';
  return `HTTP ${status} ${statusText}`.trimEnd();
}

/** What fetch says is in its cause. */
export function messageOf(error: unknown): string {
  const { cause, message } = error as { cause?: { message?: unknown }; message?: unknown };
  return String(cause?.message ?? message ?? error);
}
