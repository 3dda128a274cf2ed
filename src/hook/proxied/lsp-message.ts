/** What a recorded message of LSP holds, read leniently. */
import { LspFailure, type LspEnd } from './lsp-run.js';

export type Members = Readonly<Record<string, unknown>>;

/** The members of an object; none of anything else. */
export function members(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

/** The message's members; none where a parser finds what the outline did not. */
export function parse(body: Uint8Array): Members {
  try {
    return members(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    return {};
  }
}

/** The end that a response tells of: it names its request. */
export function endOf(error: unknown): LspEnd {
  const ending = { matched: 'exact', matched_by: 'id' };
  if (error === undefined) return { ending };
  const { code, message } = members(error);
  return {
    ending,
    failure: new LspFailure(
      typeof code === 'number' ? code : 0,
      typeof message === 'string' ? message : '',
    ),
  };
}

/** The tokens by which a client wants to hear of progress, as they are written. */
export function tokensOf(params: unknown): readonly string[] {
  const { workDoneToken, partialResultToken } = members(params);
  return [workDoneToken, partialResultToken].flatMap((token) =>
    token === undefined ? [] : [JSON.stringify(token)],
  );
}
