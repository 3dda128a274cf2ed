/**
 * The params hash: lets a reader ask whether two runs were asked for the same thing without keeping what was asked.
 * It is no secret: who can guess the params can check the guess.
 */
import { createHash } from 'node:crypto';
import { pythonJson, type PythonJsonLimits } from './python-json.js';
import { pythonMembers, pythonObject, pythonText, type PythonMembers } from './python-text.js';

/** A document larger than this costs too much to hash before a run may start. */
const paramsCharsMax = 16 * 1024 * 1024;
/** Python's own limit on recursion is near; nobody nests deeper. */
const paramsDepthMax = 500;
const limits: PythonJsonLimits = { depthMax: paramsDepthMax, charsMax: paramsCharsMax };

/**
 * SHA-256 in hexadecimal of the params as Python would dump them: equal to FineCode's `params_hash` for what JSON can
 * carry and JavaScript can tell apart. `undefined` for params too large, too deep, cyclic or unreadable.
 */
export function paramsHash(params: unknown): string | undefined {
  try {
    const text = pythonJson(params, limits);
    return text === undefined ? undefined : hashOf(text);
  } catch {
    // A getter or toJSON of the caller's threw: a run is not refused for that.
    return undefined;
  }
}

/** FineCode's `params_hash`, exactly, of params as they stand on the wire; `undefined` for what Python could not read. */
export function textHash(text: string): string | undefined {
  const dumped = pythonText(text, limits);
  return dumped === undefined ? undefined : hashOf(dumped);
}

/** The members of params as they stand on the wire, for `membersHash`; `undefined` for what Python could not read. */
export function membersOf(text: string): PythonMembers | undefined {
  return pythonMembers(text, limits);
}

/**
 * FineCode's `params_hash`, exactly, of params put together from several objects, of which a later one's members
 * replace an earlier one's.
 */
export function membersHash(...objects: readonly PythonMembers[]): string {
  return hashOf(pythonObject(new Map(objects.flatMap((members) => [...members]))));
}

function hashOf(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex');
}
