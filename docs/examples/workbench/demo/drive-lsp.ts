/** A real LSP client over stdio: what an editor does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LogFields } from 'throughline';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type Message,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import type { RunParams } from '../actions.js';
import { carrierFor, type Asked, type Carrier } from './asked.js';
import { actionFor } from './drive-mcp.js';
import { program } from './platform.js';

export interface LspFront {
  /** Executes the command; the ids it told. */
  call(params: RunParams, carrier: Carrier): Promise<LogFields>;
  /** Opens a file and waits for its diagnostics; the ids are what the server wrote to the editor's trace. */
  open(path: string, carrier: Carrier): Promise<{ diagnostics: number; told: LogFields }>;
  close(): Promise<void>;
}

interface Published {
  readonly uri: string;
  readonly diagnostics: readonly unknown[];
}

export async function startLsp(
  env: Readonly<Record<string, string>>,
  nodeArgs: readonly string[] = [],
): Promise<LspFront> {
  const child = spawn(process.execPath, [...nodeArgs, program('fronts/lsp.js'), '--stdio'], {
    env: { ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    liftCarriers(new StreamMessageWriter(child.stdin)),
  );
  const opened = watchOpened(connection);
  connection.listen();
  const capabilities = {};
  await connection.sendRequest('initialize', {
    processId: process.pid,
    clientInfo: { name: 'demo-editor' },
    rootUri: null,
    capabilities,
    trace: 'verbose',
  });
  await connection.sendNotification('initialized', {});
  return {
    async call({ action, ...options }, carrier) {
      const answer = await connection.sendRequest<{ readonly request: LogFields }>(
        'workspace/executeCommand',
        { command: `workbench.${action}`, arguments: [options], _meta: carrier },
      );
      return answer.request;
    },
    async open(path, carrier) {
      const uri = pathToFileURL(path).href;
      const done = opened.wait(path, uri);
      const text = readFileSync(path, 'utf8');
      const textDocument = { uri, languageId: 'typescript', version: 1, text };
      await connection.sendNotification('textDocument/didOpen', { textDocument, _meta: carrier });
      return done;
    },
    async close() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      await closed;
      connection.dispose();
    },
  };
}

/** An editor that traces its requests puts the carrier on the envelope, where vscode-jsonrpc itself offers no place. */
function liftCarriers(writer: StreamMessageWriter): StreamMessageWriter {
  const write = writer.write.bind(writer);
  writer.write = (message: Message & { params?: { _meta?: Carrier } }): Promise<void> => {
    const { _meta, ...params } = message.params ?? {};
    return write(_meta === undefined ? message : ({ ...message, params, _meta } as Message));
  };
  return writer;
}

/** Diagnostics arrive before the trace line of the same file, which names the ids. */
function watchOpened(connection: MessageConnection): {
  wait(path: string, uri: string): Promise<{ diagnostics: number; told: LogFields }>;
} {
  const published = new Map<string, number>();
  const waiting = new Map<string, (told: LogFields) => void>();
  connection.onNotification(
    'textDocument/publishDiagnostics',
    ({ uri, diagnostics }: Published) => {
      published.set(uri, diagnostics.length);
    },
  );
  connection.onNotification('$/logTrace', ({ message, verbose }: Record<string, string>) => {
    const told = waiting.get(String(message).split(':')[0] ?? '');
    told?.(JSON.parse(verbose ?? '{}') as LogFields);
  });
  return {
    async wait(path, uri) {
      const told = await new Promise<LogFields>((resolve) => {
        waiting.set(`open ${basename(path)}`, resolve);
      });
      return { diagnostics: published.get(uri) ?? 0, told };
    },
  };
}

/** `calls` commands at once. */
export function driveLsp(
  lsp: LspFront,
  calls: number,
  files: readonly string[],
): readonly Promise<Asked>[] {
  return Array.from({ length: calls }, async (_, index): Promise<Asked> => {
    const action = actionFor(index);
    const reason = `lsp command ${index}`;
    const { carrier, sent } = carrierFor(index);
    const file = files[index % files.length];
    const params = { action, reason, ...(file === undefined ? {} : { files: [file] }) };
    return { front: 'lsp', reason, actions: [action], told: await lsp.call(params, carrier), sent };
  });
}

/** Opens the files at once. */
export function openFiles(lsp: LspFront, paths: readonly string[]): readonly Promise<Asked>[] {
  return paths.map(async (path, index): Promise<Asked> => {
    const { carrier, sent } = carrierFor(index);
    const { told } = await lsp.open(path, carrier);
    return { front: 'lsp', reason: `open ${basename(path)}`, actions: ['lint'], told, sent };
  });
}
