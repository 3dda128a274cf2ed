/** What the LSP proxy does to one editor's messages. Knows no streams. */
import type { Origin } from '../../src/context/index.js';
import {
  findMember,
  inserted,
  readMember,
  type Outline,
  type Rewrite,
} from '../../src/protocol/index.js';
import { stamper, type Inject, type Stamp } from './json-rpc-stamp.js';

export interface LspFrontOptions {
  readonly inject: Inject;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Put in the place of the editor's process id, so that a server that watches it ends with us. */
  readonly ownProcessId?: number | undefined;
}

const nameCharsMax = 128;
const exitBytesMax = 1024;

/** A function that gets the editor's messages in order and returns what goes on. */
export function lspFront(options: LspFrontOptions): Rewrite {
  let client: string | undefined;
  /** The editor says its name once. */
  const isNews = ({ method }: Outline, body: Uint8Array): boolean => {
    if (client !== undefined || method !== 'initialize') return false;
    client = textAt(body, ['params', 'clientInfo', 'name']);
    return client !== undefined;
  };
  const stampOf = ({ method = '' }: Outline, body: Uint8Array): Stamp => {
    if (method === 'workspace/executeCommand') {
      const name = textAt(body, ['params', 'command']);
      return { origin: originFor(method, client, name), isOfMethod: false };
    }
    return { origin: originFor(method, client), isOfMethod: true };
  };
  const stamp = stamper({ inject: options.inject, env: options.env, isNews, isLeftAlone, stampOf });
  const { ownProcessId } = options;
  if (ownProcessId === undefined) return stamp;
  let isFirst = true;
  return (body) => {
    if (!isFirst || readMember(body, ['method']) !== 'initialize') return stamp(body);
    isFirst = false;
    const own = withProcessId(body, ownProcessId);
    const written = stamp(own);
    return written instanceof Uint8Array ? written : inserted(own, written);
  };
}

/** What an editor said last. */
export interface LastWord {
  readonly see: (body: Uint8Array) => void;
  /** Whether it told the server to end. */
  readonly isExit: () => boolean;
}

/** Looks at nothing until it is asked. */
export function lastWord(): LastWord {
  let last: Uint8Array | undefined;
  return {
    see: (body) => {
      last = body.length <= exitBytesMax ? body : undefined;
    },
    isExit: () => last !== undefined && readMember(last, ['method']) === 'exit',
  };
}

function originFor(method: string, client: string | undefined, name?: string): Origin {
  return {
    front: 'lsp',
    method,
    ...(name === undefined ? {} : { name }),
    ...(client === undefined ? {} : { client }),
  };
}

/**
 * Methods without params take none: some servers refuse them with any. What begins with `$/` is about another message
 * and belongs to its request.
 */
function isLeftAlone({ params, method = '' }: Outline): boolean {
  return params === 'absent' || method.startsWith('$/');
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
