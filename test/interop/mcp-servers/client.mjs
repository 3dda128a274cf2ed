// A raw client on stdio: lines out, lines in, nothing interpreted but ids.
import { spawn } from 'node:child_process';

const answerMsMax = 60_000;
const politeMsMax = 1500;
const endMsMax = 10_000;

/** Starts the command; `ask` sends a request and resolves with the answer as it was parsed. */
export function connect([command, ...args], { env = {}, cwd } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const waiting = new Map();
  let [held, stderr, last] = ['', '', 0];
  child.stdin.on('error', () => {});
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr = (stderr + text).slice(-4000);
  });
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ error: error.message }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const lines = (held + text).split('\n');
    held = lines.pop();
    for (const line of lines) take(line);
  });
  const send = (message) =>
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const take = (line) => {
    let message;
    try {
      message = JSON.parse(line);
    } catch {
      // Servers print other things, too.
      return;
    }
    if (message.method !== undefined) {
      if (message.id !== undefined) answer(message);
      return;
    }
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  };
  /** What a server asks its client. */
  const answer = ({ id, method }) => {
    const result = { 'roots/list': { roots: [] }, ping: {} }[method];
    send(result === undefined ? { id, error: { code: -32601, message: method } } : { id, result });
  };
  return {
    ask(method, params) {
      last += 1;
      const id = last;
      const got = new Promise((resolve) => {
        waiting.set(id, resolve);
      });
      send({ id, method, ...(params === undefined ? {} : { params }) });
      return within(Promise.race([got, ended.then((end) => ({ ended: end }))]), () => {
        throw new Error(`no answer to ${method} from ${command} ${args.join(' ')}\n${stderr}`);
      });
    },
    tell: (method, params) => send({ method, ...(params === undefined ? {} : { params }) }),
    /** As clients end a server: by the end of its input, then SIGTERM, then SIGKILL. */
    async end() {
      child.stdin.end();
      const timers = [
        setTimeout(() => child.kill('SIGTERM'), politeMsMax),
        setTimeout(() => child.kill('SIGKILL'), endMsMax),
      ];
      const end = await ended;
      for (const timer of timers) clearTimeout(timer);
      return end;
    },
    stderr: () => stderr,
  };
}

function within(promise, late) {
  let timer;
  const limit = new Promise((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    }, answerMsMax);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
