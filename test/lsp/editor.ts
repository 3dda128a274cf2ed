/** An editor as strict as Emacs: any envelope member it does not know is noted. Speaks raw bytes, so bursts are bursts. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { contentLengthFramer, frameContentLength } from '../../src/protocol/index.js';

export type Message = Record<string, unknown>;

const knownMembers = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);

export interface EditorOptions {
  readonly settings?: Message;
  readonly env?: Record<string, string>;
  /** Arguments of Node itself. */
  readonly node?: readonly string[];
}

export class Editor {
  readonly child: ChildProcess;
  readonly received: Message[] = [];
  readonly unknownMembers: string[] = [];
  readonly exited: Promise<number | null>;
  readonly #framer = contentLengthFramer();
  readonly #waiting = new Set<() => void>();
  #nextId = 1;

  constructor(options: EditorOptions = {}) {
    const script = fileURLToPath(new URL('fixtures/server.mjs', import.meta.url));
    const env: Record<string, string | undefined> = {
      ...process.env,
      TRACEPARENT: undefined,
      TRACESTATE: undefined,
      NODE_OPTIONS: undefined,
      SERVER_SETTINGS: JSON.stringify(options.settings ?? {}),
      ...options.env,
    };
    this.child = spawn(process.execPath, [...(options.node ?? []), script, '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env,
    });
    this.child.stdout?.on('data', (chunk: Uint8Array) => this.#take(chunk));
    this.exited = new Promise((resolve) => {
      this.child.on('exit', resolve);
    });
  }

  get nextId(): number {
    return this.#nextId++;
  }

  /** All messages in one write. */
  send(...messages: readonly Message[]): void {
    const frames = messages.map((message) =>
      frameContentLength(new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', ...message }))),
    );
    this.child.stdin?.write(Buffer.concat(frames));
  }

  async request(method: string, params?: unknown, more: Message = {}): Promise<Message> {
    const id = this.nextId;
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
      if (Date.now() > deadline) throw new Error('The server did not send it within 15 s');
      await this.#nextMessage(deadline - Date.now());
    }
  }

  async start(initialize: Message = {}, envelope: Message = {}): Promise<void> {
    await this.request(
      'initialize',
      {
        processId: process.pid,
        rootUri: null,
        clientInfo: { name: 'Strict Editor', version: '1' },
        capabilities: {
          workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
        },
        ...initialize,
      },
      envelope,
    );
    this.send({ method: 'initialized', params: {} });
  }

  async stop(): Promise<void> {
    this.child.stdin?.end();
    await this.exited;
  }

  #nextMessage(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#waiting.add(done);
    });
  }

  #take(chunk: Uint8Array): void {
    for (const frame of this.#framer.push(chunk)) {
      if (frame.kind !== 'message') throw new Error(`The server sent ${frame.kind} bytes`);
      const message = JSON.parse(new TextDecoder().decode(frame.body)) as Message;
      for (const member of Object.keys(message)) {
        if (!knownMembers.has(member)) this.unknownMembers.push(member);
      }
      this.received.push(message);
      if ('method' in message && 'id' in message) {
        const result = message['method'] === 'workspace/configuration' ? [{}] : null;
        this.send({ id: message['id'], result });
      }
    }
    for (const done of this.#waiting) done();
  }
}
