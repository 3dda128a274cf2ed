/** A FineCode as real processes, ours or a real one: workspace manager, runners, and clients on its wire. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  statSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installation, isReal } from './installation.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
export const hook: string = path('../../../src/hook/finecode');
export const fake: string = path('../fake');

/** The interpreter itself, or nothing: a shim in PATH would start a shell for each process. */
function interpreter(name: string): string {
  const done = spawnSync(name, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  return done.status === 0 ? done.stdout.trim() : '';
}

export const python: string = interpreter('python3');
/** What FineCode runs on, where the machine has it beside the one above. */
export const python312: string = interpreter('python3.12');
if (python === '') console.log('skipped: the FineCode hook is not tried, python3 is not here');

export type Json = Readonly<Record<string, unknown>>;
/** A record as it stands in a file. */
export interface Line {
  readonly [member: string]: unknown;
  readonly payload: Json & { readonly correlation?: Json };
}

export interface Event {
  readonly role: string;
  readonly event_type: string;
  readonly correlation_id?: string;
  readonly span_id: string;
  readonly parent_span_id?: string;
  readonly action_name: string;
  readonly wal_run_id: string;
  readonly writer_id: string;
  readonly hlc: string;
  readonly links?: unknown;
  readonly origin?: Json;
  readonly peer?: Json;
  readonly payload: Json;
}

export interface Options {
  readonly python?: string;
  /** Without OpenTelemetry's API. */
  readonly isBare?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Another copy of the fake. */
  readonly packages?: string;
}

export class Workspace {
  /** With a space, since paths travel through PYTHONPATH and command lines; a real FineCode cannot stand one. */
  readonly directory: string = join(
    mkdtempSync(join(tmpdir(), isReal ? 'tl-hook-' : 'tl hook ')),
    isReal ? 'project' : 'a project',
  );
  readonly root: string = join(this.directory, '..', 'root');
  readonly env: Readonly<Record<string, string>>;
  readonly python: string;
  stderr = '';
  readonly #children: ChildProcess[] = [];

  constructor(options: Options = {}) {
    mkdirSync(this.directory);
    const given = installation(this.directory);
    this.python = given?.python ?? options.python ?? python;
    const packages = options.packages ?? fake;
    const paths = given === undefined ? [packages] : [];
    if (given === undefined && options.isBare !== true) paths.push(join(packages, 'otel'));
    this.env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.directory,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONPATH: [join(hook, 'site'), ...paths].join(delimiter),
      THROUGHLINE_ROOT: this.root,
      ...options.env,
    };
  }

  spawn(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const child = spawn(this.python, args, {
      cwd: this.directory,
      env: { ...this.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#children.push(child);
    return child;
  }

  /** The port of a new workspace manager. */
  async manager(env: Readonly<Record<string, string>> = {}): Promise<number> {
    const file = join(this.directory, `port-${String(this.#children.length)}`);
    const child = this.spawn(
      ['-m', 'finecode', 'start-wm-server', '--port-file', file, '--wal'],
      env,
    );
    const port = (): number => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);
    await until(
      () => port() > 0 || child.exitCode !== null,
      () => this.stderr,
    );
    return port();
  }

  /** The records of our own streams, in the order of the clock; those of runs only. */
  events(): readonly Event[] {
    return lines(this.root)
      .map((line) => ({ ...line, role: String(line['writer_id']).slice(0, 2) }) as unknown as Event)
      .filter(({ event_type: type }) => !type.startsWith('wal.'))
      .toSorted((a, b) => (a.hlc < b.hlc ? -1 : 1));
  }

  headers(): readonly Line[] {
    return lines(this.root).filter((line) => line['event_type'] === 'wal.opened');
  }

  /** The records of FineCode's own WAL. */
  wal(): readonly Line[] {
    return lines(join(this.directory, '.venvs'));
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    // A real runner outlives its manager, and writes its log into what is removed.
    for (const { payload } of this.headers()) end(Number(payload['pid']), this.directory);
    rmSync(join(this.directory, '..'), { recursive: true, force: true });
  }
}

/** Only a process that names the workspace: a number may be another's by now. */
function end(pid: number, directory: string): void {
  try {
    const command = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');
    if (command.includes(directory)) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function lines(directory: string): readonly Line[] {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => /wal-\d+\.jsonl$/.test(name))
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n'))
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Line);
}

export async function until(isSo: () => boolean, why: () => string = () => ''): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`it never came about: ${why()}`);
    await new Promise((wake) => {
      setTimeout(wake, 10);
    });
  }
}

export function framed(messages: readonly Json[]): Buffer {
  return Buffer.concat(
    messages.map((message) => {
      const body = Buffer.from(JSON.stringify(message));
      return Buffer.concat([Buffer.from(`Content-Length: ${String(body.length)}\r\n\r\n`), body]);
    }),
  );
}

/** Reads framed messages from a stream. */
export function messagesOf(stream: NodeJS.ReadableStream, take: (message: Json) => void): void {
  let held = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    for (;;) {
      const head = held.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = Number(/length: (\d+)/i.exec(held.toString('latin1', 0, head))?.[1]);
      if (held.length < head + 4 + length) return;
      take(JSON.parse(held.toString('utf8', head + 4, head + 4 + length)) as Json);
      held = held.subarray(head + 4 + length);
    }
  });
}

/** A client of the workspace manager. */
export class Client {
  readonly #socket: Socket;
  readonly answers: Map<number, Json> = new Map();
  #id = 0;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    messagesOf(this.#socket, (message) => {
      if (typeof message['id'] === 'number') this.answers.set(message['id'], message);
    });
    this.#socket.on('error', () => undefined);
  }

  /** Sends all of them in one write; their ids. */
  send(requests: readonly { readonly method: string; readonly params: Json }[]): readonly number[] {
    const numbered = requests.map((request) => ({
      jsonrpc: '2.0',
      id: (this.#id += 1),
      ...request,
    }));
    this.#socket.write(framed(numbered));
    return numbered.map(({ id }) => id);
  }

  async request(method: string, params: Json): Promise<Json> {
    const [id = 0] = this.send([{ method, params }]);
    await until(
      () => this.answers.has(id),
      () => `${method} was not answered`,
    );
    return this.answers.get(id) ?? {};
  }

  close(): void {
    this.#socket.destroy();
  }
}
