/** A workspace manager, fake or real, behind the built proxy, and clients of it: real processes and sockets. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentLengthFramer, frameContentLength } from '../../../src/protocol/index.js';
import { startProxy, until, type Proxy } from '../../proxies/core/proxy.js';

export const fakeWm: string = fileURLToPath(new URL('fixtures/fake-wm.mjs', import.meta.url));

/** A folder that FineCode's clients would take for a venv. */
export interface Venv {
  readonly folder: string;
  readonly portFile: string;
  readonly remove: () => void;
}

export function makeVenv(): Venv {
  const folder = mkdtempSync(join(tmpdir(), 'tl-finecode-'));
  writeFileSync(join(folder, 'pyvenv.cfg'), 'home = /usr/bin\n');
  mkdirSync(join(folder, 'cache', 'finecode'), { recursive: true });
  return {
    folder,
    portFile: join(folder, 'cache', 'finecode', 'wm_port'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What stands in the port file; `undefined` for nothing. */
export function portIn(file: string): number | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    return text === '' ? undefined : Number(text);
  } catch {
    return undefined;
  }
}

export interface Front extends Proxy {
  readonly port: number;
}

export interface FrontOptions {
  readonly command?: 'proxy' | 'record';
  readonly own?: readonly string[];
  readonly wm?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly node?: readonly string[];
  /** A program that starts the proxy. */
  readonly under?: readonly string[];
}

/** `throughline proxy finecode` before the fake WM, not waited for. */
export function startFront(venv: Venv, options: FrontOptions = {}): Proxy {
  const { command = 'proxy', own = [], wm = [], env = {}, node = [], under = [] } = options;
  const start = [process.execPath, fakeWm, 'start-wm-server', ...wm];
  const args = [command, 'finecode', '--venv', venv.folder, ...own, '--', ...start];
  return startProxy(args, env, node, under);
}

/** The same, when clients can find it. */
export async function front(venv: Venv, options: FrontOptions = {}): Promise<Front> {
  return found(startFront(venv, options), venv);
}

export async function found(proxy: Proxy, { portFile }: Pick<Venv, 'portFile'>): Promise<Front> {
  const before = portIn(portFile);
  await until(
    () => portIn(portFile) !== before,
    () => `a port in ${portFile}: ${proxy.stdout().toString()}${proxy.stderr()}`,
  );
  return { ...proxy, port: portIn(portFile) ?? 0 };
}

export type Message = Readonly<Record<string, unknown>>;

/** One client's connection. */
export class Client {
  readonly socket: Socket;
  readonly #waiting = new Map<unknown, (answer: Message) => void>();
  readonly notifications: Message[] = [];
  readonly closed: Promise<void>;
  #id = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    const framer = contentLengthFramer();
    socket.on('data', (chunk) => {
      for (const piece of framer.push(chunk)) {
        if (piece.kind === 'message') this.#take(Buffer.from(piece.body).toString());
      }
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((closed) => {
      socket.once('close', () => closed());
    });
  }

  static connect(port: number): Promise<Client> {
    return new Promise((connected, failed) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', failed);
      socket.once('connect', () => connected(new Client(socket)));
    });
  }

  send(text: string): void {
    this.socket.write(frameContentLength(Buffer.from(text)));
  }

  /** `params` are JSON text, so that nothing of their spelling is lost. */
  request(method: string, params: string): Promise<Message> {
    this.#id += 1;
    const id = this.#id;
    const answer = this.answerTo(id);
    this.send(`{"jsonrpc": "2.0", "id": ${id}, "method": "${method}", "params": ${params}}`);
    return answer;
  }

  answerTo(id: unknown): Promise<Message> {
    return new Promise((answered) => {
      this.#waiting.set(id, answered);
    });
  }

  async result(method: string, params: string): Promise<Message> {
    const answer = await this.request(method, params);
    return answer['result'] as Message;
  }

  close(): Promise<void> {
    this.socket.end();
    return this.closed;
  }

  #take(text: string): void {
    const message = parse(text);
    if (message['method'] !== undefined) this.notifications.push(message);
    else this.#waiting.get(message['id'])?.(message);
  }
}

/** Python's words are `null` here. */
function parse(text: string): Message {
  try {
    return JSON.parse(text) as Message;
  } catch {
    return JSON.parse(
      text.replaceAll(/(?<=[:,[\s])-?(?:NaN|Infinity)(?=[\s,}\]])/g, 'null'),
    ) as Message;
  }
}
