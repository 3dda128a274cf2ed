// One dialogue with one server: what an editor asks about one document, before and after an edit.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Server } from './peer.mjs';

const dynamic = { dynamicRegistration: true };
const capabilities = {
  workspace: {
    applyEdit: true,
    configuration: true,
    workspaceFolders: true,
    didChangeConfiguration: dynamic,
    executeCommand: dynamic,
    symbol: {},
  },
  textDocument: {
    synchronization: { didSave: true },
    hover: { ...dynamic, contentFormat: ['markdown', 'plaintext'] },
    completion: { ...dynamic, completionItem: { documentationFormat: ['markdown'] } },
    documentSymbol: { ...dynamic, hierarchicalDocumentSymbolSupport: true },
    formatting: dynamic,
    codeAction: {
      ...dynamic,
      codeActionLiteralSupport: {
        codeActionKind: { valueSet: ['', 'quickfix', 'refactor', 'source'] },
      },
    },
    foldingRange: { ...dynamic, lineFoldingOnly: true },
    documentHighlight: dynamic,
    definition: dynamic,
    documentLink: dynamic,
    colorProvider: dynamic,
    selectionRange: dynamic,
    diagnostic: dynamic,
    publishDiagnostics: { relatedInformation: true, versionSupport: true },
    semanticTokens: {
      ...dynamic,
      requests: { full: true },
      tokenTypes: ['class', 'function', 'variable', 'parameter', 'property', 'keyword', 'string'],
      tokenModifiers: ['declaration'],
      formats: ['relative'],
    },
  },
  window: { workDoneProgress: true },
};

/** What is asked, and which capability offers it. */
const requests = [
  ['hover', 'hoverProvider', 'textDocument/hover'],
  ['completion', 'completionProvider', 'textDocument/completion'],
  ['definition', 'definitionProvider', 'textDocument/definition'],
  ['documentHighlight', 'documentHighlightProvider', 'textDocument/documentHighlight'],
  ['documentSymbol', 'documentSymbolProvider', 'textDocument/documentSymbol'],
  ['documentLink', 'documentLinkProvider', 'textDocument/documentLink'],
  ['documentColor', 'colorProvider', 'textDocument/documentColor'],
  ['foldingRange', 'foldingRangeProvider', 'textDocument/foldingRange'],
  ['selectionRange', 'selectionRangeProvider', 'textDocument/selectionRange'],
  ['semanticTokens', 'semanticTokensProvider', 'textDocument/semanticTokens/full'],
  ['diagnostic', 'diagnosticProvider', 'textDocument/diagnostic'],
  ['codeAction', 'codeActionProvider', 'textDocument/codeAction'],
  ['formatting', 'documentFormattingProvider', 'textDocument/formatting'],
];

/**
 * Every answer by name, as text. `learned` is what an earlier run of the same server ended with: its diagnostics are
 * waited for, since nothing says when a server has published its last.
 */
export async function converse({ subject, command, workspace, env, learned }) {
  prepare(subject, workspace);
  const uri = pathToFileURL(join(workspace, subject.open)).href;
  const rootUri = pathToFileURL(workspace).href;
  const settings = subject.settings ?? subject.configuration?.(workspace);
  const server = new Server({ command, cwd: workspace, env, settings });
  const answers = new Map();
  try {
    const initialized = await server.request('initialize', {
      processId: process.pid,
      clientInfo: { name: 'throughline-interop' },
      rootPath: workspace,
      rootUri,
      workspaceFolders: [{ uri: rootUri, name: 'workspace' }],
      capabilities,
      initializationOptions: subject.initializationOptions?.(workspace) ?? {},
    });
    answers.set('initialize', initialized);
    server.notify('initialized', {});
    if (settings !== undefined) {
      server.notify('workspace/didChangeConfiguration', { settings });
    }
    const offered = initialized.result?.capabilities ?? {};
    const ask = { server, subject, offered, uri, answers, learned };
    const text = subject.files[subject.open];
    const document = { uri, languageId: subject.languageId, version: 1, text };
    server.notify('textDocument/didOpen', { textDocument: document });
    await round({ ...ask, text, turn: 1 });
    const changed = subject.edit(text);
    server.notify('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [{ text: changed }],
    });
    await round({ ...ask, text: changed, turn: 2 });
    answers.set('shutdown', await server.request('shutdown', undefined, 8000));
    server.notify('exit');
    const status = await server.end();
    answers.set('exit', { text: String(status), result: null });
  } finally {
    server.kill();
  }
  return {
    answers,
    info: answers.get('initialize')?.result?.serverInfo,
    unknownMembers: [...server.unknownMembers],
    strayBytes: server.strayBytes,
    stderr: server.stderr,
  };
}

function prepare(subject, workspace) {
  rmSync(workspace, { recursive: true, force: true });
  mkdirSync(workspace, { recursive: true });
  for (const [path, text] of Object.entries(subject.files)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), text);
  }
  for (const path of subject.links ?? []) {
    mkdirSync(join(workspace, 'node_modules'), { recursive: true });
    symlinkSync(path, join(workspace, 'node_modules', basename(path)));
  }
}

async function round({ server, subject, offered, uri, answers, learned, text, turn }) {
  const name = (what) => `${what} ${turn}`;
  const published = () => JSON.stringify(server.diagnostics.get(uri) ?? null);
  const known = learned?.get(name('published'))?.text;
  const expected = learned?.get(name('registered'))?.result ?? subject.registers ?? [];
  await server.settle({
    quietMs: learned === undefined ? 2500 : 250,
    timeoutMs: 20_000,
    isDone: () =>
      (known === undefined || published() === known) &&
      expected.every((method) => server.registered.has(method)),
  });
  answers.set(name('published'), { text: published(), result: server.diagnostics.get(uri) });
  const registered = [...server.registered].toSorted((one, other) => (one < other ? -1 : 1));
  answers.set(name('registered'), { text: registered.join(' '), result: registered });
  for (const [what, capability, method] of requests) {
    if (!offered[capability] && !server.registered.has(method)) continue;
    const params = paramsOf(what, { subject, uri, text, server });
    answers.set(name(what), await server.request(method, params));
  }
  const command = subject.commandOf?.({ uri, version: turn });
  if (command !== undefined && offered.executeCommandProvider !== undefined) {
    answers.set(name('executeCommand'), await server.request('workspace/executeCommand', command));
  }
}

function paramsOf(what, { subject, uri, text, server }) {
  const textDocument = { uri };
  const hovered = positionOf(text, subject.hover, Math.ceil(subject.hover.length / 2));
  switch (what) {
    case 'hover':
    case 'definition':
    case 'documentHighlight':
      return { textDocument, position: hovered };
    case 'completion':
      return {
        textDocument,
        position: positionOf(text, subject.complete, subject.complete.length),
        context: { triggerKind: 1 },
      };
    case 'selectionRange':
      return { textDocument, positions: [hovered] };
    case 'formatting':
      return { textDocument, options: { tabSize: 2, insertSpaces: true } };
    case 'codeAction': {
      const diagnostics = server.diagnostics.get(uri) ?? [];
      const range = diagnostics[0]?.range ?? { start: hovered, end: hovered };
      return { textDocument, range, context: { diagnostics, triggerKind: 1 } };
    }
    default:
      return { textDocument };
  }
}

function positionOf(text, needle, offset) {
  const index = text.indexOf(needle);
  if (index === -1) throw new Error(`the document has no ${needle}`);
  const before = text.slice(0, index + offset).split('\n');
  return { line: before.length - 1, character: before.at(-1).length };
}
