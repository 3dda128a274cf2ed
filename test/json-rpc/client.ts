/** A client of raw bytes: what it sends together arrives together, and what it gets is looked at whole. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { contentLengthFramer, frameContentLength } from '../../src/protocol/index.js';

export type Message = Record<string, unknown>;

export class Client {
  readonly child: ChildProcess;
  readonly received: Message[] = [];
  /** What the host printed. */
  stderr = '';
  readonly exited: Promise<number | null>;
  readonly #framer = contentLengthFramer();
  readonly #waiting = new Set<() => void>();
  #lastId = 0;

  constructor(
    fixture: string,
    env: Record<string, string> = {},
    parameters: readonly string[] = [],
  ) {
    this.child = spawn(
      process.execPath,
      [fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url)), ...parameters],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { ...process.env, TRACEPARENT: undefined, TRACESTATE: undefined, ...env },
      },
    );
    this.exited = new Promise((resolve) => {
      this.child.on('exit', resolve);
    });
    this.child.stderr?.on('data', (chunk: Uint8Array) => {
      this.stderr += new TextDecoder().decode(chunk);
    });
    this.child.stdout?.on('data', (chunk: Uint8Array) => {
      for (const frame of this.#framer.push(chunk)) {
        if (frame.kind !== 'message') throw new Error(`The host sent ${frame.kind} bytes`);
        this.received.push(JSON.parse(new TextDecoder().decode(frame.body)) as Message);
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

  async request(method: string, params: unknown = {}, more: Message = {}): Promise<Message> {
    const id = this.nextId();
    this.send({ id, method, params, ...more });
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
      if (Date.now() > deadline) throw new Error('The host did not send it within 15 s');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now());
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  async stop(): Promise<void> {
    this.child.stdin?.end();
    await this.exited;
  }
}
