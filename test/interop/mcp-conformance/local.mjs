// Whether an HTTP request was meant for this machine: a page in a browser must not reach it under another name.
const hosts = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

export function isLocal({ headers }) {
  const origin = headers.origin?.replace(/^https?:\/\//, '');
  return hosts.test(headers.host ?? '') && (origin === undefined || hosts.test(origin));
}
