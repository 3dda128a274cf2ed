/** Where a proxy listens and where it connects to: a TCP port, of the loopback unless a host is named, or a Unix socket. */

export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

const loopback = '127.0.0.1';
const portMax = 65_535;
/** What the system's `sockaddr_un` holds, on the systems that hold least. */
const pathBytesMax = 103;

/** Reads `PORT`, `HOST:PORT`, `[IPV6]:PORT`, `unix:PATH` or a path with a slash in it; `undefined` for anything else. */
export function parseAddress(text: string): Address | undefined {
  const path = text.startsWith('unix:') ? text.slice('unix:'.length) : text;
  if (path !== text || text.includes('/')) {
    const bytes = Buffer.byteLength(path);
    return bytes === 0 || bytes > pathBytesMax || path.includes('\0') ? undefined : { path };
  }
  const match = /^(?:(\[[0-9a-fA-F:.%]+\]|[^\s:[\]]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > portMax) return undefined;
  return { host: match[1]?.replace(/^\[|\]$/g, '') ?? loopback, port };
}

/** As it is typed. */
export function formatAddress(address: Address): string {
  if ('path' in address) return `unix:${address.path}`;
  const { host, port } = address;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
