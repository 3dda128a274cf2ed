/** Recorders for servers nobody can edit: what passes through their pipes, as runs. */
export { McpRecording } from './mcp.js';
export { FinecodeRecording } from './finecode.js';
export { LspRecording } from './lsp.js';
export { lspMethodTable } from './lsp-methods.js';
