/** What a check of `throughline doctor` says. */

/** `note`: worth knowing, nothing to do. `finding`: something to do. */
export interface Check {
  readonly check: string;
  readonly result: 'ok' | 'note' | 'finding';
  readonly message: string;
  /** What to do, where there is something. */
  readonly advice?: string | undefined;
}

export function ok(check: string, message: string): Check {
  return { check, result: 'ok', message };
}

export function note(check: string, message: string, advice?: string): Check {
  return { check, result: 'note', message, advice };
}

export function finding(check: string, message: string, advice: string): Check {
  return { check, result: 'finding', message, advice };
}
