/** The workspace's own command line tools. Never through a shell; two at a time, however many runs ask. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Finding } from '../actions.js';

export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
}

export interface ToolCall {
  readonly workspace: string;
  readonly tool: 'oxfmt' | 'oxlint' | 'tsc';
  readonly args: readonly string[];
  readonly signal: AbortSignal;
}

const outputBytesMax = 64 * 1024 * 1024;
const toolsMax = 2;
let running = 0;
const waiting: (() => void)[] = [];

/** Runs the tool to its end. A finding is not an error; a tool that cannot start is. */
export async function runTool(call: ToolCall): Promise<ToolResult> {
  if (running === toolsMax) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await execute(call);
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

function execute({ workspace, tool, args, signal }: ToolCall): Promise<ToolResult> {
  const program = join(workspace, 'node_modules', '.bin', tool);
  const options = { cwd: workspace, maxBuffer: outputBytesMax, signal };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode === 'number') resolve({ exitCode, stdout });
      else reject(error);
    });
  });
}

interface OxlintDiagnostic {
  readonly message: string;
  readonly severity: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number; readonly column: number } }[];
}

/** Reads `oxlint --format json`. */
export function readOxlint(stdout: string): Finding[] {
  const report = JSON.parse(stdout) as { readonly diagnostics: readonly OxlintDiagnostic[] };
  return report.diagnostics.map((diagnostic) => ({
    file: diagnostic.filename,
    line: diagnostic.labels[0]?.span.line ?? 1,
    column: diagnostic.labels[0]?.span.column ?? 1,
    severity: diagnostic.severity === 'error' ? 'error' : 'warning',
    message: diagnostic.message,
  }));
}

const tscLine = /^(.+)\((\d+),(\d+)\): (error|warning) (.*)$/;

/** Reads `tsc --pretty false`. */
export function readTsc(stdout: string): Finding[] {
  const findings: Finding[] = [];
  for (const text of stdout.split('\n')) {
    const [, file, line, column, severity, message] = tscLine.exec(text) ?? [];
    if (file === undefined || message === undefined) continue;
    findings.push({
      file,
      line: Number(line),
      column: Number(column),
      severity: severity === 'error' ? 'error' : 'warning',
      message,
    });
  }
  return findings;
}
