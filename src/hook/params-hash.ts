/**
 * The params hash: lets a reader ask whether two runs were asked for the same thing without keeping what was asked.
 * It is no secret: who can guess the params can check the guess.
 */
import { createHash } from 'node:crypto';
import { pythonJson } from './python-json.js';

/** A document larger than this costs too much to hash before a run may start. */
const paramsCharsMax = 16 * 1024 * 1024;
/** Python's own limit on recursion is near; nobody nests deeper. */
const paramsDepthMax = 500;

/**
 * SHA-256 in hexadecimal of the params as Python would dump them: equal to FineCode's `params_hash` for what JSON can
 * carry and JavaScript can tell apart. `undefined` for params too large, too deep, cyclic or unreadable.
 */
export function paramsHash(params: unknown): string | undefined {
  try {
    const text = pythonJson(params, { depthMax: paramsDepthMax, charsMax: paramsCharsMax });
    return text === undefined
      ? undefined
      : createHash('sha256').update(text, 'latin1').digest('hex');
  } catch {
    // A getter or toJSON of the caller's threw: a run is not refused for that.
    return undefined;
  }
}
