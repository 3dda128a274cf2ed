/** An editor on vscode-jsonrpc, as VS Code is, before a server in a process of its own. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} = require('vscode-jsonrpc/node');

export class Editor {
  #connection;

  constructor(...args) {
    const file = fileURLToPath(new URL('server.mjs', import.meta.url));
    const { stdin, stdout } = spawn(process.execPath, [file, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#connection = createMessageConnection(
      new StreamMessageReader(stdout),
      new StreamMessageWriter(stdin),
    );
    this.#connection.onNotification(() => undefined);
    this.#connection.listen();
    this.end = () => stdin.end();
  }

  /** Sends them one after the other, each request answered before the next message; microseconds of each request. */
  async play(messages) {
    const taken = [];
    for (const { method, params, isRequest } of messages) {
      if (!isRequest) {
        await this.#connection.sendNotification(method, params);
        continue;
      }
      const startMs = performance.now();
      await this.#connection.sendRequest(method, params);
      taken.push((performance.now() - startMs) * 1000);
    }
    return taken;
  }
}
