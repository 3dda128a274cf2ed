/** What the LSP proxy does to one editor's messages. Knows no streams. */
import type { Origin } from '../../src/context/index.js';
import { findMember, readMember, type Outline } from '../../src/protocol/index.js';
import { stamper, type Inject, type Stamped } from './json-rpc-stamp.js';

export interface LspFrontOptions {
  readonly inject: Inject;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Put in the place of the editor's process id, so that a server that watches it ends with us. */
  readonly ownProcessId?: number | undefined;
}

const nameCharsMax = 128;

/** A function that gets the editor's messages in order and returns what goes on. */
export function lspFront(options: LspFrontOptions): (body: Uint8Array) => Stamped {
  let client: string | undefined;
  const stamp = stamper({
    inject: options.inject,
    env: options.env,
    originOf(found, body): Origin | undefined {
      if (isLeftAlone(found)) return undefined;
      if (found.method === 'initialize') client ??= textAt(body, ['params', 'clientInfo', 'name']);
      const name =
        found.method === 'workspace/executeCommand'
          ? textAt(body, ['params', 'command'])
          : undefined;
      return {
        front: 'lsp',
        ...(found.method === undefined ? {} : { method: found.method }),
        ...(name === undefined ? {} : { name }),
        ...(client === undefined ? {} : { client }),
      };
    },
  });
  return (body) => {
    const stamped = stamp(body);
    const { ownProcessId } = options;
    if (ownProcessId === undefined || stamped.found.method !== 'initialize') return stamped;
    return { ...stamped, body: withProcessId(stamped.body, ownProcessId) };
  };
}

/**
 * Methods without params take none: some servers refuse them with any. What begins with `$/` is about another message
 * and belongs to its request.
 */
function isLeftAlone(found: Outline): boolean {
  return found.params === 'absent' || found.method?.startsWith('$/') === true;
}

function textAt(body: Uint8Array, path: readonly string[]): string | undefined {
  const value = readMember(body, path);
  return typeof value === 'string' ? value.slice(0, nameCharsMax) : undefined;
}

/** `null` stays: the editor has no process id that the server could watch, or does not want it watched. */
function withProcessId(body: Uint8Array, processId: number): Uint8Array {
  const path = ['params', 'processId'];
  const span = findMember(body, path);
  if (span === undefined || typeof readMember(body, path) !== 'number') return body;
  return Buffer.concat([
    body.subarray(0, span.start),
    Buffer.from(String(processId)),
    body.subarray(span.end),
  ]);
}
