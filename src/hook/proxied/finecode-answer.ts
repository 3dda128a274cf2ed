/** What FineCode's workspace manager answers, as far as a record keeps it: codes, and which projects it was. */
import { membersAt, type Span } from '../../protocol/index.js';
import { cut, nameCharsMax, pathCharsMax } from '../bounds.js';
import type { JsonObject } from '../../wal/index.js';
import { LspFailure, type LspEnd } from './lsp-run.js';

/** Results by project and action; bounded. */
export class FinecodeResults {
  readonly #results = new Map<string, JsonObject>();
  #chars = 0;

  add(project: string, action: string, returnCode: unknown): void {
    const key = `${project}\n${action}`;
    if (!this.#results.has(key)) {
      const chars = this.#chars + key.length;
      if (this.#results.size >= resultsMax || chars > resultsCharsMax) return;
      this.#chars = chars;
    }
    this.#results.set(key, {
      project: cut(project, pathCharsMax),
      action: cut(action, nameCharsMax),
      ...(typeof returnCode === 'number' ? { return_code: returnCode } : {}),
    });
  }

  list(): readonly JsonObject[] {
    return [...this.#results.values()];
  }
}

export const resultsMax = 256;
/** So that a record stays far below its limit, whatever its paths. */
const resultsCharsMax = 65_536;
/** Results that are longer are not parsed for the sake of their codes. */
const resultsBytesMax = 1024 * 1024;
const errorBytesMax = 65_536;

/**
 * What FineCode answers when a runner died under a run: how far that came nobody knows. The rest of its errors come
 * from runners that answered, and from itself before it asked any.
 */
const runnerStopped = 'Runner stopped during execution';

/** The end that a response tells of. `read` is the message as `readPython` gives it. */
export function endOfAnswer(read: Uint8Array, results: FinecodeResults): LspEnd {
  const members = membersAt(read);
  const error = members.get('error');
  if (error !== undefined) return endOfError(parse(read, error, errorBytesMax));
  const result = members.get('result');
  const inside = result === undefined ? undefined : membersAt(read, result.start);
  addResults(parse(read, inside?.get('results'), resultsBytesMax), results);
  const returnCode = parse(read, inside?.get('returnCode'), 64);
  const list = results.list();
  return {
    ending: {
      outcome: 'complete',
      ...(typeof returnCode === 'number' ? { return_code: returnCode } : {}),
      ...(list.length === 0 ? {} : { results: [...list] }),
    },
  };
}

/** A part of a result, and whose. */
export interface Partial {
  /** As JSON text: 1 and "1" are two tokens. */
  readonly token: string;
  /** Takes the projects and codes that stand in it. */
  readonly tell: (results: FinecodeResults, action: string | undefined) => void;
}

/** `actions/partialResult`, its params at `start`. */
export function partialOf(read: Uint8Array, start: number): Partial | undefined {
  const params = membersAt(read, start);
  const token = parse(read, params.get('token'), 4096);
  if (token === undefined) return undefined;
  return {
    token: JSON.stringify(token),
    tell: (results, action) => {
      const value = params.get('value');
      if (value === undefined) return;
      const members = membersAt(read, value.start);
      const project = parse(read, members.get('project'), pathCharsMax * 6);
      if (typeof project !== 'string') return;
      const byAction = parse(read, members.get('results'), resultsBytesMax);
      if (isObject(byAction)) addResults({ [project]: byAction }, results);
      else if (action !== undefined) results.add(project, action, undefined);
    },
  };
}

function endOfError(error: unknown): LspEnd {
  const { code, message } = isObject(error) ? error : {};
  const text = typeof message === 'string' ? message : '';
  const isKnown = isObject(error) && !text.includes(runnerStopped);
  return {
    ending: { outcome: 'rpc_error', execution: isKnown ? 'answered' : 'unknown' },
    failure: new FinecodeFailure(typeof code === 'number' ? code : 0, text),
  };
}

/** A failure that was seen on the wire. */
export class FinecodeFailure extends LspFailure {}

/** Recorded as `run.cancelled` where the client's going was noted before. */
export class FinecodeAborted extends LspFailure {
  override readonly name = 'AbortError';
}

function addResults(byProject: unknown, results: FinecodeResults): void {
  if (!isObject(byProject)) return;
  for (const [project, byAction] of Object.entries(byProject).slice(0, resultsMax)) {
    if (!isObject(byAction)) continue;
    for (const [action, result] of Object.entries(byAction).slice(0, resultsMax)) {
      results.add(project, action, isObject(result) ? result['returnCode'] : undefined);
    }
  }
}

function parse(read: Uint8Array, span: Span | undefined, bytesMax: number): unknown {
  if (span === undefined || span.end - span.start > bytesMax) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(read.subarray(span.start, span.end)));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
