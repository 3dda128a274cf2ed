/**
 * Which stream is a runner's: learned from the attempts whose run was recorded. Pure; what cannot be learned is not
 * guessed.
 */
import type { Span } from '../spans/span.js';
import type { Story } from '../requests/story.js';
import type { StreamReport } from '../merge/streams.js';
import { walk } from '../requests/tree.js';
import { inTurns } from '../requests/turns.js';

export interface RunnerStream {
  readonly writerId: string;
  readonly isEnded: boolean;
  readonly isSealed: boolean;
  /** It was closed before the attempt: whoever got that, if anybody did, wrote into another one. */
  readonly isClosedBefore: boolean;
}

export interface RunnerStreams {
  /** The stream that should have what this attempt caused, when it is here and can be relied on. */
  of(attempt: Span): RunnerStream | undefined;
  /** True for a run of a role whose runs are caused by recorded attempts: a front did not ask for it itself. */
  isCaused(run: Span): boolean;
}

const reliable: ReadonlySet<string> = new Set(['complete', 'live', 'unsealed', 'torn', 'unknown']);

export async function runnerStreams(story: Story): Promise<RunnerStreams> {
  const streams = new Map<string, StreamReport>();
  for (const stream of story.streams) streams.set(stream.writerId, stream);
  /** Runner of a host to the streams in which its attempts were accepted. */
  const byRunner = new Map<string, Set<StreamReport>>();
  const causedRoles = new Set<string>();
  for await (const request of inTurns(story.requests)) {
    for (const { span } of walk(request.roots)) {
      if (span.kind !== 'dispatch') continue;
      for (const { writerId } of span.children) {
        const stream = streams.get(writerId);
        if (stream === undefined || writerId === span.writerId) continue;
        const known = byRunner.get(keyOf(span)) ?? new Set();
        byRunner.set(keyOf(span), known.add(stream));
        // A workspace manager is asked by fronts and, for nested runs, by its own runners.
        if (stream.role !== 'wm') causedRoles.add(stream.role);
      }
    }
  }
  return {
    of(attempt) {
      const at = attempt.first.hlc;
      for (const stream of byRunner.get(keyOf(attempt)) ?? []) {
        if ((stream.first?.hlc ?? at) > at || !reliable.has(stream.condition)) continue;
        const isEnded = stream.sealed || stream.writer.state === 'gone';
        // A runner that was gone before the attempt was not the one that got it.
        if (
          isEnded &&
          (stream.last?.hlc ?? at) < at &&
          !isLast(stream, byRunner.get(keyOf(attempt)))
        )
          continue;
        const { writerId, sealed: isSealed } = stream;
        const isClosedBefore = isSealed && (stream.last?.hlc ?? at) < at;
        return { writerId, isEnded, isSealed, isClosedBefore };
      }
      return undefined;
    },
    isCaused: (run) => causedRoles.has(streams.get(run.writerId)?.role ?? ''),
  };
}

/** Of several incarnations of a runner the one that wrote last is the one that an attempt after all of them met. */
function isLast(stream: StreamReport, all: ReadonlySet<StreamReport> | undefined): boolean {
  for (const other of all ?? []) {
    if ((other.last?.hlc ?? '') > (stream.last?.hlc ?? '')) return false;
  }
  return true;
}

function keyOf(attempt: Span): string {
  return `${attempt.writerId}\n${attempt.runner ?? attempt.name}`;
}
