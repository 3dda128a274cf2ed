/** Which request wrote this file: the effects recorded for a path, newest first. Reads no file. */
import type { Request, RequestList } from './request.js';
import type { Effect, Span } from '../spans/span.js';
import { walk } from './tree.js';

/** One effect with the request and span it belongs to. */
export interface EffectOf {
  readonly effect: Effect;
  readonly span: Span;
  readonly request: Request;
}

/** The effects on any of these absolute paths; several, because a path may be recorded through a symbolic link. */
export function effectsOn(requests: RequestList, paths: readonly string[]): readonly EffectOf[] {
  const wanted = new Set(paths);
  const found: EffectOf[] = [];
  for (const request of requests) {
    if (request.effects === 0) continue;
    for (const { span } of walk(request.roots)) {
      for (const effect of span.effects) {
        if (wanted.has(effect.path)) found.push({ effect, span, request });
      }
    }
  }
  return found.sort((a, b) => (a.effect.at.hlc < b.effect.at.hlc ? 1 : -1));
}
