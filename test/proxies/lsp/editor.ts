/** An editor that speaks bytes: what it sends is exactly what the test says, what it gets is read without mercy. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { bin, plainEnv } from '../../cli/bin.js';

export type Message = Record<string, unknown>;

const knownMembers: ReadonlySet<string> = new Set([
  'jsonrpc',
  'id',
  'method',
  'params',
  'result',
  'error',
]);

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

export interface EditorOptions {
  /** Default: `proxy lsp`. */
  readonly command?: readonly string[];
  readonly options?: readonly string[];
  readonly server?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Arguments of Node itself. */
  readonly node?: readonly string[];
  /** `false`: starts the server without the proxy. */
  readonly proxied?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class RawEditor implements Disposable {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly messages: Message[] = [];
  /** Whatever an editor as strict as Emacs would have refused. */
  readonly refused: string[] = [];
  readonly ended: Promise<Ended>;
  stderr = '';
  #held: Buffer = Buffer.alloc(0);
  #wake: (() => void)[] = [];

  constructor(given: EditorOptions = {}) {
    const { options = [], server = [process.execPath, fixture('raw-server.mjs')], env } = given;
    const command = [bin, ...(given.command ?? ['proxy', 'lsp', ...options]), '--', ...server];
    const args = given.proxied === false ? server.slice(1) : [...(given.node ?? []), ...command];
    this.process = spawn(process.execPath, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...plainEnv, ...env },
    });
    this.process.stdin.on('error', () => undefined);
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#changed();
    });
    this.process.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    this.ended = new Promise((settle) => {
      this.process.once('close', (code, signal) => {
        settle({ code, signal });
        this.#changed();
      });
    });
  }

  /** Closes the editor, as people do. */
  [Symbol.dispose](): void {
    this.process.stdin.end();
    this.process.stdout.resume();
  }

  /** Sends each message in a frame of its own, all in one chunk. */
  send(...bodies: readonly string[]): void {
    this.write(bodies.map(framed).join(''));
  }

  write(text: string | Uint8Array): void {
    this.process.stdin.write(text);
  }

  /** The result for the request with this id. */
  async result(id: number | string): Promise<unknown> {
    await this.until(() => this.messages.some((message) => message['id'] === id), `answer ${id}`);
    return this.messages.find((message) => message['id'] === id)?.['result'];
  }

  /** The text that the server got for a request, as the raw server says it. */
  async got(id: number | string): Promise<string> {
    return ((await this.result(id)) as { got: string }).got;
  }

  async until(isSo: () => boolean, what: string, msMax = 10_000): Promise<void> {
    const deadline = Date.now() + msMax;
    while (!isSo()) {
      if (Date.now() > deadline) throw new Error(`never came: ${what}\n${this.stderr}`);
      await new Promise<void>((wake) => {
        const timer = setTimeout(wake, 50);
        this.#wake.push(() => {
          clearTimeout(timer);
          wake();
        });
      });
    }
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #read(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    for (;;) {
      const head = this.#held.subarray(0, 48).toString('latin1');
      const match = /^Content-Length: (\d+)\r\n\r\n/.exec(head);
      if (match === null) {
        if (this.#held.length >= 48) {
          this.refused.push(head);
          this.#held = Buffer.alloc(0);
        }
        break;
      }
      const end = match[0].length + Number(match[1]);
      if (this.#held.length < end) break;
      const body = this.#held.subarray(match[0].length, end).toString();
      this.#held = this.#held.subarray(end);
      if (body !== '') this.#take(JSON.parse(body) as Message);
    }
    this.#changed();
  }

  #take(message: Message): void {
    this.messages.push(message);
    for (const member of Object.keys(message)) {
      if (!knownMembers.has(member)) this.refused.push(member);
    }
  }
}

export function framed(body: string): string {
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

export function request(id: number | string, method: string, params?: unknown): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    method,
    ...(params === undefined ? {} : { params }),
  });
}

export function notification(method: string, params?: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) });
}
