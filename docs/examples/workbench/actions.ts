/**
 * The words of the workbench's protocol: what a front asks of the workspace manager (WM), and the WM of its extension
 * runners (ERs). There is no id in any of it: correlation travels beside the parameters, never in them.
 */

export const actionNames = ['lint', 'format', 'typecheck', 'check', 'wait'] as const;
export type ActionName = (typeof actionNames)[number];

/** Which environment an action runs in: one ER process each. */
export const environmentOf: Readonly<Record<ActionName, string>> = {
  lint: 'oxc',
  format: 'oxc',
  typecheck: 'typescript',
  check: 'checks',
  wait: 'sandbox',
};

/** What people see in an editor's command list and a model in its tool list. */
export const descriptionOf: Readonly<Record<ActionName, string>> = {
  lint: 'Lint files of the workspace, or all of it.',
  format: 'Format files of the workspace in place, or all of it.',
  typecheck: 'Type-check the workspace.',
  check: 'Lint, format and type-check.',
  wait: 'Wait for some milliseconds.',
};

export const methods = {
  /** Front to WM, and ER to WM: one action. */
  run: 'actions/run',
  /** Front to WM: several actions at once. */
  runBatch: 'actions/runBatch',
  /** WM to ER: one action, here and now. */
  execute: 'runner/execute',
} as const;

// A type, not an interface: it has to be assignable to a JSON object.
export type RunParams = {
  readonly action: ActionName;
  /** Paths below the workspace. Default: all of it. */
  readonly files?: readonly string[];
  /** What the caller wants it for. It ends up in the record, so that a person can tell runs apart. */
  readonly reason?: string;
  readonly waitMs?: number;
  /** Findings are streamed as `$/progress` with this token as they come. */
  readonly partialResultToken?: string | number;
};

export interface BatchParams {
  readonly runs: readonly RunParams[];
  /** As for one run; the findings of all. */
  readonly partialResultToken?: string | number;
}

export interface Finding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export interface RunResult {
  readonly action: ActionName;
  readonly ok: boolean;
  /** How many findings there are. */
  readonly found: number;
  /** Those that were not streamed. */
  readonly findings: readonly Finding[];
  /** Files that were rewritten, as paths below the workspace. */
  readonly changed: readonly string[];
}

export function isActionName(value: unknown): value is ActionName {
  return actionNames.some((name) => name === value);
}

/** One line for a person. */
export function summaryOf(result: RunResult): string {
  const parts = [`${result.found} findings`];
  if (result.changed.length > 0) parts.push(`${result.changed.length} files rewritten`);
  return `${result.action}: ${result.ok ? 'ok' : 'not ok'}, ${parts.join(', ')}`;
}
