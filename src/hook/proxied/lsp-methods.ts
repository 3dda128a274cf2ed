/** Which requests of LSP do work, how durable their records are, and what their answers say of files. */
import type { Durability } from '../../wal/index.js';
import { textEditFiles, workspaceEditFiles, type EditedFile } from './lsp-edits.js';

export interface LspMethod {
  readonly durability: Durability;
  /** What is kept of the params, by name. */
  readonly summary: readonly string[];
  /** The files that a result edits. The editor will do it, or has it done. */
  readonly edits?: ((result: unknown, params: unknown) => readonly EditedFile[]) | undefined;
}

const document = 'textDocument.uri';
const uriOf = (params: unknown): unknown =>
  (params as { textDocument?: { uri?: unknown } } | undefined)?.textDocument?.uri;
const format: LspMethod = {
  durability: 'barrier',
  summary: [document],
  edits: (result, params) => textEditFiles(result, uriOf(params)),
};
const workspace: LspMethod = {
  durability: 'barrier',
  summary: [document],
  edits: (result) => workspaceEditFiles(result),
};
/** Asked for at each move of the cursor, or again and again: their records need not be awaited. */
const read: LspMethod = { durability: 'relaxed', summary: [document] };

/** The methods that are recorded unless others are named. */
export const lspMethods: Readonly<Record<string, LspMethod>> = {
  'workspace/executeCommand': { durability: 'barrier', summary: ['command'] },
  'textDocument/formatting': format,
  'textDocument/rangeFormatting': format,
  'textDocument/rangesFormatting': format,
  'textDocument/onTypeFormatting': { ...format, durability: 'relaxed' },
  'textDocument/willSaveWaitUntil': format,
  'textDocument/rename': { ...workspace, summary: [document, 'newName'] },
  'textDocument/codeAction': read,
  'codeAction/resolve': {
    durability: 'barrier',
    summary: ['title', 'kind'],
    edits: (result) => workspaceEditFiles((result as { edit?: unknown } | null)?.edit),
  },
  'workspace/willCreateFiles': workspace,
  'workspace/willRenameFiles': workspace,
  'workspace/willDeleteFiles': workspace,
  'textDocument/diagnostic': read,
  'workspace/diagnostic': read,
  // From the server: what it publishes, and what it asks the editor to do.
  'textDocument/publishDiagnostics': read,
  'workspace/applyEdit': { durability: 'barrier', summary: ['label'] },
};

/** A method that was named and that we know nothing of. */
const unknown: LspMethod = { durability: 'barrier', summary: [document] };

/** The table for these names; for none of them, all that are known. */
export function lspMethodTable(names: readonly string[]): ReadonlyMap<string, LspMethod> {
  if (names.length === 0) return new Map(Object.entries(lspMethods));
  return new Map(
    names.map((name) => [
      name,
      Object.hasOwn(lspMethods, name) ? (lspMethods[name] ?? unknown) : unknown,
    ]),
  );
}
