// Looks that the proxy does what the comparison is about: a server that answers with what it was sent.
import { fileURLToPath } from 'node:url';
import { Server } from './peer.mjs';

const traceparent = /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/;
const script = fileURLToPath(new URL('echo.mjs', import.meta.url));

/** Why this form is not what it says; `undefined` when it is. */
export async function witness({ mode, command }) {
  const server = new Server({
    command: command([process.execPath, script]),
    cwd: '.',
    env: { PATH: process.env.PATH },
  });
  try {
    const { result: sent, missing } = await server.request('textDocument/hover', { a: 1 }, 10_000);
    if (sent === undefined) return `${missing}; ${server.stderr}`;
    const carriers = {
      meta: sent._meta?.traceparent,
      w3c: sent.traceparent,
      'params-meta': sent.params._meta?.traceparent,
    };
    for (const [form, value] of Object.entries(carriers)) {
      if ((form === mode) !== traceparent.test(value)) return `sends ${JSON.stringify(sent)}`;
    }
    return undefined;
  } finally {
    server.kill();
  }
}
