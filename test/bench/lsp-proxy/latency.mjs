/** A small request to an echoing server and back: directly, through our proxy, and through one made of vscode-jsonrpc. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const median = (values) => values.toSorted((one, two) => one - two)[values.length >> 1];
const echo = [process.execPath, file('echo.mjs')];
const commands = {
  direct: echo,
  ours: [process.execPath, file('../../../dist/src/cli/main.js'), 'proxy', 'lsp', '--', ...echo],
  peer: [process.execPath, file('jsonrpc-proxy.mjs'), ...echo],
};

class Session {
  constructor([command, ...args]) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.held = '';
    this.child.stdout.setEncoding('latin1').on('data', (text) => {
      this.held += text;
      // The echo is short and whole, so what ends it is seen at once.
      if (this.held.endsWith('"end":1}}')) {
        this.held = '';
        this.answered();
      }
    });
  }

  /** Microseconds of one request. */
  async once(id) {
    const params = {
      textDocument: { uri: 'file:///w/src/index.ts' },
      position: { line: id, character: 7 },
      text: 'x'.repeat(60),
    };
    const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'textDocument/hover', params });
    const answered = new Promise((settle) => {
      this.answered = settle;
    });
    const startMs = performance.now();
    this.child.stdin.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
    await answered;
    return (performance.now() - startMs) * 1000;
  }
}

export async function latencies(isQuick) {
  const sessions = Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [name, new Session(command)]),
  );
  const names = Object.keys(sessions);
  const taken = Object.fromEntries(names.map((name) => [name, []]));
  const rounds = isQuick ? 10 : 40;
  for (let round = -4; round < rounds; round += 1) {
    for (const name of names) {
      const values = [];
      for (let id = 1; id <= 100; id += 1) values.push(await sessions[name].once(id));
      if (round >= 0) taken[name].push(median(values));
    }
  }
  for (const { child } of Object.values(sessions)) child.stdin.end();
  return Object.fromEntries(names.map((name) => [name, median(taken[name])]));
}
