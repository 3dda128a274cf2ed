// An editor's side of one language server, on raw bytes: it judges the proxy, so it shares no code with it.
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';

const answerMsMax = 30_000;
const endMsMax = 8000;
const stderrCharsMax = 4000;

/** `settings` answers `workspace/configuration`; `answers` holds what else the server may ask. */
export class Server {
  answers = new Map();
  /** The newest diagnostics of each document, as they came. */
  diagnostics = new Map();
  /** Methods offered after `initialize`. */
  registered = new Set();
  unknownMembers = new Set();
  stderr = '';
  strayBytes = 0;
  #buffer = Buffer.alloc(0);
  #waiting = new Map();
  #progress = new Set();
  #lastId = 0;
  #heardAtMs = Date.now();

  constructor({ command, cwd, env, settings = {} }) {
    this.settings = settings;
    this.cwd = cwd;
    // A group of its own, so that whatever a server leaves behind can be ended with it.
    this.child = spawn(command[0], command.slice(1), { cwd, env, detached: true });
    this.exited = new Promise((resolve) => {
      this.child.on('error', (error) => resolve(`failed: ${error.message}`));
      this.child.on('exit', (code, signal) => resolve(signal ?? code));
    });
    void this.exited.then((status) => this.#fail(`the server has ended: ${status}`));
    this.child.stdout.on('data', (chunk) => this.#read(chunk));
    this.child.stdin.on('error', () => undefined);
    this.child.stderr.on('data', (chunk) => {
      this.stderr = (this.stderr + String(chunk)).slice(-stderrCharsMax);
    });
  }

  /** The answer as it came but for its id, or why there is none. */
  async request(method, params, timeoutMs = answerMsMax) {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise((resolve) => {
      const timer = setTimeout(() => resolve(none(`no answer in ${timeoutMs} ms`)), timeoutMs);
      this.#waiting.set(id, (got) => (clearTimeout(timer), resolve(got)));
    });
    this.#send({ id, method, ...(params === undefined ? {} : { params }) });
    return await answer;
  }

  notify(method, params) {
    this.#send({ method, ...(params === undefined ? {} : { params }) });
  }

  /** Waits until the server has been silent for a while and has no progress open, and `isDone` says so. */
  async settle({ quietMs, timeoutMs, isDone = () => true }) {
    const deadline = Date.now() + timeoutMs;
    this.#heardAtMs = Date.now();
    while (Date.now() < deadline) {
      const isQuiet = Date.now() - this.#heardAtMs >= quietMs && this.#progress.size === 0;
      if (isQuiet && isDone()) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** How it ended after `exit`; what does not is killed. Its input is closed only when it has had time to end. */
  async end() {
    const first = await this.#endedWithin(endMsMax);
    if (first !== undefined) return first;
    this.child.stdin.end();
    const second = await this.#endedWithin(endMsMax);
    this.kill();
    return second ?? 'it did not end';
  }

  kill() {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The whole group has ended.
    }
  }

  async #endedWithin(timeoutMs) {
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    const status = await Promise.race([this.exited, late]);
    clearTimeout(timer);
    return status;
  }

  #send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.child.stdin.write(
      Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]),
    );
  }

  #read(chunk) {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const end = this.#buffer.indexOf('\r\n\r\n');
      if (end === -1) return;
      const header = this.#buffer.toString('latin1', 0, end);
      const match = /(?:^|\n)content-length: *(\d+)/i.exec(header);
      if (match === null) throw new Error(`not a header: ${header}`);
      this.strayBytes += match.index;
      const length = Number(match[1]);
      if (this.#buffer.length < end + 4 + length) return;
      const body = this.#buffer.toString('utf8', end + 4, end + 4 + length);
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      this.#heardAtMs = Date.now();
      this.#receive(JSON.parse(body), body);
    }
  }

  #receive(message, body) {
    for (const member of Object.keys(message)) {
      if (!['jsonrpc', 'id', 'method', 'params', 'result', 'error'].includes(member)) {
        this.unknownMembers.add(member);
      }
    }
    const { id, method, params } = message;
    if (method === undefined) {
      this.#waiting.get(id)?.({ ...message, text: body });
      this.#waiting.delete(id);
    } else if (id !== undefined) {
      const result = this.#answer(method, params);
      this.#send(
        result === undefined
          ? { id, error: { code: -32601, message: `not an editor's: ${method}` } }
          : { id, result },
      );
    } else if (method === 'textDocument/publishDiagnostics') {
      this.diagnostics.set(params.uri, params.diagnostics);
    } else if (method === '$/progress') {
      const { kind } = params.value ?? {};
      if (kind === 'begin') this.#progress.add(params.token);
      if (kind === 'end') this.#progress.delete(params.token);
    } else if (method === 'tsserver/request') {
      // Vue's server asks the editor for TypeScript's answers; there are none.
      const [request] = Array.isArray(params[0]) ? params : [params];
      this.notify('tsserver/response', [[request[0], null]]);
    }
  }

  #answer(method, params) {
    if (method === 'workspace/configuration') {
      return params.items.map(({ section }) => this.#setting(section));
    }
    if (method === 'client/registerCapability') {
      for (const one of params.registrations) this.registered.add(one.method);
      return null;
    }
    if (method === 'workspace/applyEdit') return { applied: true };
    if (method === 'workspace/workspaceFolders') {
      return [{ uri: pathToFileURL(this.cwd).href, name: 'workspace' }];
    }
    const isEmpty =
      method === 'client/unregisterCapability' ||
      method === 'window/workDoneProgress/create' ||
      method === 'window/showMessageRequest' ||
      /^workspace\/\w+\/refresh$/.test(method);
    return isEmpty ? null : undefined;
  }

  #setting(section) {
    let value = this.settings;
    for (const part of section ? section.split('.') : []) value = value?.[part];
    return value ?? null;
  }

  #fail(reason) {
    for (const settle of this.#waiting.values()) settle(none(reason));
    this.#waiting.clear();
  }
}

const none = (reason) => ({ missing: reason, text: reason });
