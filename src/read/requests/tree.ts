/** Walking span trees without recursion: a stream may claim a chain of a million spans. */
import type { Span } from '../spans/span.js';

/** One step of a walk. */
export interface Visit<Node> {
  readonly span: Node;
  readonly depth: number;
}

/** All spans below and including the roots, parents before children, siblings in order. */
export function* walk<Node extends Span>(
  roots: readonly Node[],
): Generator<Visit<Node>, void, undefined> {
  const stack: Visit<Node>[] = [];
  for (let index = roots.length - 1; index >= 0; index -= 1) {
    const span = roots[index];
    if (span !== undefined) stack.push({ span, depth: 0 });
  }
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    yield visit;
    // Children have the type of their parent: drafts hold drafts.
    const children = visit.span.children as readonly Node[];
    for (let index = children.length - 1; index >= 0; index -= 1) {
      const span = children[index];
      if (span !== undefined) stack.push({ span, depth: visit.depth + 1 });
    }
  }
}

/** The same spans, children before their parents. */
export function childrenFirst<Node extends Span>(roots: readonly Node[]): readonly Node[] {
  return [...walk(roots)].map((visit) => visit.span).toReversed();
}
