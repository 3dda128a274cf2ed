/** Recorders for servers nobody can edit: what passes through their pipes, as runs. */
export { McpRecording } from './mcp.js';
export type { McpRecordingOptions } from './mcp.js';
