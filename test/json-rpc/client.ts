/** A peer of raw bytes: what it sends together arrives together, and what it gets is looked at whole. */
import { spawn, type ChildProcess } from 'node:child_process';
import { contentLengthFramer, frameContentLength } from '../../src/protocol/index.js';

export type Message = Record<string, unknown>;

export interface ClientOptions {
  readonly script: string;
  readonly parameters?: readonly string[];
  readonly env?: Record<string, string>;
  /** Arguments of Node itself. */
  readonly node?: readonly string[];
}

export class Client {
  readonly child: ChildProcess;
  readonly received: Message[] = [];
  /** What the process printed. */
  stderr = '';
  readonly exited: Promise<number | null>;
  readonly #framer = contentLengthFramer();
  readonly #waiting = new Set<() => void>();
  #lastId = 0;

  constructor({ script, parameters = [], env = {}, node = [] }: ClientOptions) {
    this.child = spawn(process.execPath, [...node, script, ...parameters], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        TRACEPARENT: undefined,
        TRACESTATE: undefined,
        NODE_OPTIONS: undefined,
        ...env,
      },
    });
    this.exited = new Promise((resolve) => {
      this.child.on('exit', resolve);
    });
    this.child.stderr?.on('data', (chunk: Uint8Array) => {
      this.stderr += new TextDecoder().decode(chunk);
    });
    this.child.stdout?.on('data', (chunk: Uint8Array) => {
      for (const frame of this.#framer.push(chunk)) {
        if (frame.kind !== 'message') throw new Error(`The process sent ${frame.kind} bytes`);
        const message = JSON.parse(new TextDecoder().decode(frame.body)) as Message;
        this.received.push(message);
        this.onMessage(message);
      }
      for (const wake of this.#waiting) wake();
    });
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** All messages in one write. */
  send(...messages: readonly Message[]): void {
    const frames = messages.map((message) =>
      frameContentLength(new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', ...message }))),
    );
    this.child.stdin?.write(Buffer.concat(frames));
  }

  async request(method: string, params?: unknown, more: Message = {}): Promise<Message> {
    const id = this.nextId();
    this.send({ id, method, ...(params === undefined ? {} : { params }), ...more });
    return await this.response(id);
  }

  async response(id: number): Promise<Message> {
    return await this.message((message) => message['id'] === id && !('method' in message));
  }

  async message(matches: (message: Message) => boolean): Promise<Message> {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const found = this.received.find(matches);
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`It was not sent within 15 s. ${this.stderr}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, deadline - Date.now());
        this.#waiting.add(wake);
      });
    }
  }

  async stop(): Promise<void> {
    this.child.stdin?.end();
    await this.exited;
  }

  /** For clients that answer. */
  protected onMessage(_message: Message): void {}
}
