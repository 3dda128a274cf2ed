/** Starts a server once, as its client will, and waits for its first answer. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { textOf, wordsOf, type ServerEntry } from './configuration.js';

/** Long, because a first start may install a package. */
const answerMsMax = 60_000;
const endMsMax = 5000;
const lineBytesMax = 16 * 1024 * 1024;

export interface Checked {
  readonly server: string;
  readonly state: 'answered' | 'failed' | 'not checked';
  /** Who answered, or why not. */
  readonly message: string;
}

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'throughline-wrap', version: '1' },
  },
};

/** Never rejects. */
export async function checkServer(entry: ServerEntry): Promise<Checked> {
  const server = entry.name;
  if (entry.kind === 'remote') return { server, state: 'not checked', message: 'remote' };
  const [command = '', ...args] = wordsOf(entry);
  const env = envOf(entry);
  if ([command, ...args, ...Object.values(env)].some((word) => word.includes('${'))) {
    return { server, state: 'not checked', message: 'only its client knows its ${variables}' };
  }
  const cwd = textOf(entry, 'cwd');
  let child: ChildProcess | undefined;
  try {
    child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    return { server, state: 'answered', message: await answerOf(child) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { server, state: 'failed', message };
  } finally {
    if (child !== undefined) await endOf(child);
  }
}

function envOf(entry: ServerEntry): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const property of entry.members.get('env')?.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key !== undefined && value?.type === 'string') {
      env[key.value as string] = value.value as string;
    }
  }
  return env;
}

function answerOf(child: ChildProcess): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const answer = new Promise<string>((resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${answerMsMax / 1000} s`));
    }, answerMsMax);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`ended with ${signal ?? `exit code ${code}`} before it answered`));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.write(`${JSON.stringify(initialize)}\n`);
    if (child.stdout !== null) onLine(child.stdout, (line) => takeAnswer(line, resolve, reject));
  });
  return answer.finally(() => clearTimeout(timer));
}

function onLine(from: Readable, take: (line: string) => void): void {
  let held = '';
  from.setEncoding('utf8');
  from.on('data', (chunk: string) => {
    const lines = (held + chunk).split('\n');
    held = (lines.pop() ?? '').slice(0, lineBytesMax);
    for (const line of lines) take(line);
  });
}

interface Answer {
  readonly id?: unknown;
  readonly result?: {
    readonly serverInfo?: { readonly name?: unknown; readonly version?: unknown };
  };
  readonly error?: { readonly message?: unknown };
}

function takeAnswer(
  line: string,
  resolve: (message: string) => void,
  reject: (error: Error) => void,
): void {
  let answer: Answer | null;
  try {
    answer = JSON.parse(line) as Answer | null;
  } catch {
    // Servers print other things, too.
    return;
  }
  if (answer?.id !== 1) return;
  if (answer.result === undefined) {
    reject(new Error(`refused to be initialized: ${String(answer.error?.message)}`));
    return;
  }
  const { name, version } = answer.result.serverInfo ?? {};
  const words = [name, version].filter((word) => typeof word === 'string');
  resolve(words.length === 0 ? 'a server without a name' : words.join(' '));
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.stdout?.resume();
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGTERM'), endMsMax);
  const last = setTimeout(() => child.kill('SIGKILL'), 2 * endMsMax);
  await ended;
  clearTimeout(timer);
  clearTimeout(last);
}
