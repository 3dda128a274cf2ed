/** The files that an edit of LSP names. Reads no text of an edit and keeps none. */

export interface EditedFile {
  readonly uri: string;
  readonly change: 'created' | 'modified' | 'deleted';
}

type Members = Readonly<Record<string, unknown>>;

/** The files of a `WorkspaceEdit`, each with its last change. Anything else names none. */
export function workspaceEditFiles(edit: unknown): readonly EditedFile[] {
  const files = new Map<string, EditedFile>();
  const add = (uri: unknown, change: EditedFile['change']): void => {
    if (typeof uri !== 'string') return;
    // A file that is created and then filled was not there before.
    const isNew = change === 'modified' && files.get(uri)?.change === 'created';
    files.set(uri, { uri, change: isNew ? 'created' : change });
  };
  const { changes, documentChanges } = members(edit);
  // Both may be there; the specification prefers the second.
  if (Array.isArray(documentChanges)) {
    for (const one of documentChanges) addDocumentChange(members(one), add);
  } else {
    for (const [uri, edits] of Object.entries(members(changes))) {
      if (isEdit(edits)) add(uri, 'modified');
    }
  }
  return [...files.values()];
}

/** The file of a `TextEdit[]`: the document it was asked for. */
export function textEditFiles(edits: unknown, uri: unknown): readonly EditedFile[] {
  return isEdit(edits) && typeof uri === 'string' ? [{ uri, change: 'modified' }] : [];
}

function addDocumentChange(
  change: Members,
  add: (uri: unknown, change: EditedFile['change']) => void,
): void {
  switch (change['kind']) {
    case 'create':
      add(change['uri'], 'created');
      break;
    case 'delete':
      add(change['uri'], 'deleted');
      break;
    case 'rename':
      add(change['oldUri'], 'deleted');
      add(change['newUri'], 'created');
      break;
    default:
      if (isEdit(change['edits'])) add(members(change['textDocument'])['uri'], 'modified');
  }
}

function isEdit(edits: unknown): boolean {
  return Array.isArray(edits) && edits.length > 0;
}

function members(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}
