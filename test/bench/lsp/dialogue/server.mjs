// A language server over stdio that gives the answers of the recorded dialogue in turn, and computes nothing.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bareScopes, useElsewhere } from '../sides.mjs';
import { answers } from './recorded.mjs';

const require = createRequire(import.meta.url);
const { createConnection, ProposedFeatures } = require('vscode-languageserver/node');
const {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} = require('vscode-jsonrpc/node');
const [, , side, asks] = process.argv;

// In the process of a peer there is nothing of ours, not even loaded.
const { correlated, stampWriter } =
  side === 'subject' ? await import('../../../../dist/adapters/lsp/index.js') : {};
if (side === 'scoped') useElsewhere();
const options = side === 'subject' ? correlated() : side === 'bound' ? bareScopes() : undefined;
const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout, options);
const manager = asks === 'manager' ? workspaceManager() : undefined;
const pass = answers();
let answered = 0;
let changed = 0;

function workspaceManager() {
  const { stdin, stdout } = spawn(
    process.execPath,
    [fileURLToPath(new URL('manager.mjs', import.meta.url))],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const writer = new StreamMessageWriter(stdin);
  const wm = createMessageConnection(
    new StreamMessageReader(stdout),
    stampWriter === undefined ? writer : stampWriter(writer),
  );
  wm.listen();
  return wm;
}

function answer() {
  const next = pass[answered % pass.length];
  answered += 1;
  return next;
}

const handle =
  manager === undefined
    ? answer
    : async () => {
        await manager.sendRequest('actions/run', { action: 'lint' });
        return answer();
      };

connection.onInitialize(() => ({
  capabilities: {
    textDocumentSync: 2,
    hoverProvider: true,
    completionProvider: {},
    definitionProvider: true,
    documentHighlightProvider: true,
  },
}));
connection.onHover(handle);
connection.onCompletion(handle);
connection.onDefinition(handle);
connection.onDocumentHighlight(handle);
connection.onDidOpenTextDocument(() => undefined);
connection.onDidChangeTextDocument(({ textDocument: { uri } }) => {
  changed += 1;
  // As often as in the recording.
  if (changed % 5 < 2) void connection.sendDiagnostics({ uri, diagnostics: [] });
});
connection.listen();
