// A raw bridge from HTTP to a stdio server: `node bridge.mjs COMMAND…`, one process for each session, messages handed on
// as the bytes they are. It prints its port. No SDK: what it does to a message must not hide what the server does.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { isLocal } from './local.mjs';

const [command, ...args] = process.argv.slice(2);
const sessions = new Map();

function startSession() {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  /** The open answers, by the id of the request each waits for. */
  const waiting = new Map();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line);
    const isAnswer = message.method === undefined;
    // What the server sends on its own goes where somebody listens: to the request that is open last.
    const response = isAnswer ? waiting.get(message.id) : [...waiting.values()].at(-1);
    response?.write(`event: message\ndata: ${line}\n\n`);
    if (!isAnswer) return;
    waiting.delete(message.id);
    response?.end();
  });
  return { child, waiting };
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function serve(request, response) {
  if (!isLocal(request)) return void response.writeHead(403).end();
  const id = request.headers['mcp-session-id'];
  if (request.method === 'DELETE') {
    sessions.get(id)?.child.kill();
    return void response.writeHead(200).end();
  }
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const body = await bodyOf(request);
  const message = JSON.parse(body);
  const sessionId = message.method === 'initialize' ? randomUUID() : id;
  if (message.method === 'initialize') sessions.set(sessionId, startSession());
  const session = sessions.get(sessionId);
  if (session === undefined) return void response.writeHead(404).end();
  const isRequest = message.method !== undefined && message.id !== undefined;
  if (isRequest) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'mcp-session-id': sessionId });
    session.waiting.set(message.id, response);
  }
  session.child.stdin.write(`${body.replaceAll('\n', ' ')}\n`);
  if (!isRequest) response.writeHead(202).end();
}

const site = createServer((request, response) => {
  serve(request, response).catch((error) => response.writeHead(500).end(String(error)));
});
site.listen(0, '127.0.0.1', () => console.log(site.address().port));
process.once('SIGTERM', () => {
  for (const { child } of sessions.values()) child.kill();
  process.exit(0);
});
