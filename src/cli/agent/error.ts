/** That a call cannot be answered, and what to call instead. */

/** A call of a tool, spelled out: to be made as it stands. */
export interface Call {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** The call cannot be answered: one sentence that says how to ask instead. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly next: readonly Call[];

  constructor(message: string, next: readonly Call[] = []) {
    super(message);
    this.next = next;
  }
}

/** `expand {"run":"…","span":"…"}`. */
export function callText(call: Call): string {
  return `${call.tool} ${JSON.stringify(call.arguments)}`;
}
