/** What a run asked of FineCode's workspace manager is, read off its bytes. Keeps hashes of params and never params. */
import { membersAt, type Span } from '../../protocol/index.js';
import { cut, nameCharsMax, pathCharsMax } from '../bounds.js';
import { membersHash, membersOf, textHash } from '../params-hash.js';
import type { PythonMembers } from '../python-text.js';

/** One action in one project. */
export interface FinecodeTarget {
  /** Its source, as it stands on the wire. */
  readonly action: string;
  /** Absent where the workspace manager picks the projects. */
  readonly project: string | undefined;
  /** As FineCode computes it; absent where Python could not read the params. */
  readonly paramsHash: string | undefined;
}

export interface FinecodeRequest {
  /** The first 256. */
  readonly targets: readonly FinecodeTarget[];
  readonly targetsTotal: number;
  readonly trigger: string | undefined;
  readonly devEnv: string | undefined;
  /** Tokens as the client spelled them. */
  readonly partialResultToken: string | undefined;
  readonly progressToken: string | undefined;
}

export const targetsMax = 256;
const textBytesMax = 65_536;
/** A batch may name hundreds of projects, by their paths. */
const listBytesMax = 1024 * 1024;

/** Text that is not UTF-8 is refused by the workspace manager, too. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `body` as it stands on the wire, and as it was read (`readPython`), with `params` at `start`. */
export function finecodeRequest(
  body: Uint8Array,
  read: Uint8Array,
  start: number,
): FinecodeRequest {
  const params = membersAt(read, start);
  const value = (span: Span | undefined): unknown => parse(read, span);
  const options = params.get('options');
  const chosen = options === undefined ? none : membersAt(read, options.start);
  const source = value(params.get('actionSource'));
  const targets =
    typeof source !== 'string'
      ? batchTargets(body, read, params)
      : [runTarget(source, value(params.get('project')), textOf(body, params.get('params')))];
  return {
    targets: targets.slice(0, targetsMax),
    targetsTotal: targets.length,
    trigger: name(value(chosen.get('trigger'))),
    devEnv: name(value(chosen.get('devEnv'))),
    partialResultToken: token(value(params.get('partialResultToken'))),
    progressToken: token(value(params.get('progressToken'))),
  };
}

/** A token as a record has it: a string, or the text of a number. */
export function token(value: unknown): string | undefined {
  if (typeof value === 'string') return cut(value, nameCharsMax);
  return typeof value === 'number' ? JSON.stringify(value) : undefined;
}

const none: ReadonlyMap<string, Span> = new Map();

function runTarget(action: string, project: unknown, text: string | undefined): FinecodeTarget {
  return { action: cut(action, nameCharsMax), project: path(project), paramsHash: hashOf(text) };
}

function batchTargets(
  body: Uint8Array,
  read: Uint8Array,
  params: ReadonlyMap<string, Span>,
): readonly FinecodeTarget[] {
  const shared = objectOf(textOf(body, params.get('params')));
  const overrides = params.get('paramsByProject');
  const byProject = overrides === undefined ? none : membersAt(read, overrides.start);
  const named = texts(parse(read, params.get('projects'), listBytesMax));
  // Without names the workspace manager takes all that have the action.
  const projects = named.length > 0 ? named : [...byProject.keys(), undefined];
  const hashed = projects.map((project) => ({
    project: path(project),
    paramsHash: mergedHash(shared, textOf(body, byProject.get(project ?? ''))),
  }));
  return texts(parse(read, params.get('actionSources'), listBytesMax)).flatMap((action) =>
    hashed.map((target) => ({ action: cut(action, nameCharsMax), ...target })),
  );
}

function mergedHash(
  shared: PythonMembers | undefined,
  override: string | undefined,
): string | undefined {
  const own = override === '' ? new Map<string, string>() : objectOf(override);
  return shared === undefined || own === undefined ? undefined : membersHash(shared, own);
}

function hashOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : textHash(text === '' ? '{}' : text);
}

function objectOf(text: string | undefined): PythonMembers | undefined {
  return text === undefined ? undefined : membersOf(text === '' ? '{}' : text);
}

/** The text of a value; empty when it is absent, `undefined` when it is none. */
function textOf(body: Uint8Array, span: Span | undefined): string | undefined {
  if (span === undefined) return '';
  try {
    return utf8.decode(body.subarray(span.start, span.end));
  } catch {
    return undefined;
  }
}

function parse(read: Uint8Array, span: Span | undefined, bytesMax = textBytesMax): unknown {
  if (span === undefined || span.end - span.start > bytesMax) return undefined;
  try {
    return JSON.parse(utf8.decode(read.subarray(span.start, span.end)));
  } catch {
    return undefined;
  }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function name(value: unknown): string | undefined {
  return typeof value === 'string' ? cut(value, nameCharsMax) : undefined;
}

function path(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? cut(value, pathCharsMax) : undefined;
}
