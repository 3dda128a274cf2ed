/**
 * The LSP front: diagnostics for open files, what they say on hover, and the actions as commands. What it adds for correlation is the options
 * of `createConnection`. Nothing is added to what the editor gets, except in its own trace, when that is on.
 */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { logFields } from 'throughline';
import { correlated } from 'throughline/lsp';
import {
  createConnection,
  DiagnosticSeverity,
  ProposedFeatures,
  TextDocuments,
  TextDocumentSyncKind,
  type Diagnostic,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { actionNames, type Finding, type RunParams } from '../actions.js';
import { connectToWorkspaceManager } from './connect.js';

const workspaceManager = await connectToWorkspaceManager();
const connection = createConnection(ProposedFeatures.all, correlated());
const documents = new TextDocuments(TextDocument);

connection.onInitialize(() => ({
  capabilities: {
    hoverProvider: true,
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
    executeCommandProvider: { commands: actionNames.map((name) => `workbench.${name}`) },
  },
}));

connection.onExecuteCommand(async ({ command, arguments: args = [] }, cancellation) => {
  const action = actionNames.find((name) => command === `workbench.${name}`);
  if (action === undefined) throw new Error(`no such command: ${command}`);
  const options = (args[0] ?? {}) as Omit<RunParams, 'action'>;
  const result = await workspaceManager.run({ ...options, action }, { cancellation });
  // The ids of this command, for whoever wants to look it up: `throughline show <correlation_id>`.
  return { ...result, request: logFields() };
});

/** What there is to say about the line, as the file is on disk. */
connection.onHover(async ({ textDocument, position }, cancellation) => {
  const file = fileURLToPath(textDocument.uri);
  const reason = `hover ${basename(file)}`;
  const run: RunParams = { action: 'lint', files: [file], reason };
  const { findings } = await workspaceManager.run(run, { cancellation });
  const here = findings.filter(({ line }) => line === position.line + 1);
  if (here.length === 0) return null;
  return { contents: { kind: 'plaintext', value: here.map(({ message }) => message).join('\n') } };
});

documents.onDidOpen(({ document }) => diagnose(document, 'open'));
documents.onDidSave(({ document }) => diagnose(document, 'save'));

/** Lints the file as it is on disk and publishes what was found. */
async function diagnose(document: TextDocument, cause: string): Promise<void> {
  try {
    const { uri, version } = document;
    const file = fileURLToPath(uri);
    const reason = `${cause} ${basename(file)}`;
    const { findings } = await workspaceManager.run({ action: 'lint', files: [file], reason });
    await connection.sendDiagnostics({ uri, version, diagnostics: findings.map(diagnosticOf) });
    connection.tracer.log(`${reason}: ${logFields().correlation_id}`, JSON.stringify(logFields()));
  } catch (error) {
    connection.console.error(`no diagnostics for ${document.uri}: ${String(error)}`);
  }
}

function diagnosticOf(finding: Finding): Diagnostic {
  const start = { line: finding.line - 1, character: finding.column - 1 };
  return {
    range: { start, end: start },
    severity: finding.severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    message: finding.message,
    source: 'workbench',
  };
}

connection.onExit(() => workspaceManager.close());
documents.listen(connection);
connection.listen();
