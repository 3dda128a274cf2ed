/** Workspaces from seeds, of which is known what caused what: what the reader says of them is right, or it says less. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  finecodeSource,
  readStory,
  walk,
  type Request,
  type Span,
} from '../../../src/read/index.js';
import { traceIdOf } from '../../../src/context/index.js';
import {
  writeWorkspace,
  type TrueRun,
  type Workspace,
  type WorkspaceOptions,
} from '../../support/finecode.js';

/** `THROUGHLINE_SEEDS=2000 npx vitest run test/read/finecode/seeds.test.ts` for more. */
const seeds = Number(process.env['THROUGHLINE_SEEDS'] ?? 40);

interface Read {
  readonly requests: readonly Request[];
  /** By run: the requests it is in, and its spans. */
  readonly runs: ReadonlyMap<string, { readonly in: Set<Request>; readonly spans: Span[] }>;
  readonly records: number;
}

async function read({ place, root }: Workspace, isRecorded: boolean): Promise<Read> {
  const roots = isRecorded ? [root] : [];
  const story = await readStory({ roots, sources: [finecodeSource({ places: [place], roots })] });
  const runs = new Map<string, { in: Set<Request>; spans: Span[] }>();
  const requests = [...story.requests];
  for (const request of requests) {
    for (const { span } of walk(request.roots)) {
      if (span.runId === undefined || !/^(?:wm|er)-\d+-\d+$/.test(span.writerId)) continue;
      const run = runs.get(span.runId) ?? { in: new Set(), spans: [] };
      run.in.add(request);
      run.spans.push(span);
      runs.set(span.runId, run);
    }
  }
  const fineCode = story.streams.filter(({ writerId }) => /-\d+-\d+$/.test(writerId));
  return { requests, runs, records: fineCode.reduce((sum, { records }) => sum + records, 0) };
}

const counts = { exact: 0, inferred: 0, ambiguous: 0, alone: 0, wrong: 0 };

function judgeJoin(run: TrueRun, found: { in: Set<Request>; spans: Span[] }): void {
  const confidence = found.spans.find((span) => span.join !== undefined)?.join;
  const [request] = found.in;
  if (confidence === undefined) counts.alone += 1;
  else counts[confidence] += 1;
  if (confidence === 'exact' || confidence === 'inferred') {
    if (request?.traceId !== run.forTraceId) counts.wrong += 1;
  } else if (confidence === 'ambiguous') {
    const candidates = found.spans.find((span) => span.candidates.length > 0)?.candidates ?? [];
    expect(candidates.length).toBeGreaterThan(0);
  }
}

/** Everything that is certain of every workspace. */
async function check(options: WorkspaceOptions): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'throughline-finecode-'));
  try {
    const workspace = writeWorkspace(directory, options);
    const found = await read(workspace, options.isRecorded === true);
    const expected = [...workspace.runs.values()].filter(({ events }) => events > 0);
    const missing = expected.filter(({ runId }) => !found.runs.has(runId));
    expect({ options, missing }).toEqual({ options, missing: [] });
    expect(found.records).toBe(workspace.records);
    for (const run of expected) {
      const one = found.runs.get(run.runId);
      if (one === undefined) continue;
      expect({ run, requests: one.in.size }).toEqual({ run, requests: 1 });
      judgeJoin(run, one);
      judgeState(run, one.spans);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What is said without a doubt is so. */
function judgeState(run: TrueRun, spans: readonly Span[]): void {
  const top = spans.filter((span) => span.kind === 'run' && span.join !== undefined);
  const all = top.length > 0 ? top : spans.filter(({ kind }) => kind === 'run').slice(0, 1);
  for (const { state, isEndInferred } of spans) {
    expect(['completed', 'failed', 'unknown']).toContain(state);
    expect(isEndInferred && state !== 'completed' && state !== 'failed').toBe(false);
  }
  if (run.isHurt) return;
  for (const { state, isEndInferred, ended } of all) {
    if (ended === undefined || isEndInferred || run.isStreamed) continue;
    // An ER that died is a failure to its WM, and nobody knows of what the ER did.
    if (run.state === 'open') expect(state).not.toBe('completed');
    else expect({ run, state }).toEqual({ run, state: run.state });
  }
}

describe('FineCode workspaces from seeds', () => {
  const hooks = ['none', 'old', 'new'] as const;

  it('every run is found, in one request, and none in a request that did not cause it', async () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const hook = hooks[seed % 3] ?? 'none';
      const [isRecorded, gapUs] = [seed % 7 !== 0, seed % 2 === 0 ? 40_000 : 4000];
      await check({ seed, requests: 6, hook, isRecorded, gapUs });
    }
    expect(counts.wrong).toBe(0);
    // That nothing is wrong would be easy if nothing were joined.
    expect(counts.exact).toBeGreaterThan(2 * seeds);
    expect(counts.inferred).toBeGreaterThan(seeds / 2);
    expect(counts.ambiguous).toBeGreaterThan(seeds / 20);
  }, 600_000);

  it('reads the same ids each time', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'throughline-finecode-'));
    try {
      const workspace = writeWorkspace(directory, { seed: 7, requests: 30, isRecorded: true });
      const ids = async (): Promise<readonly string[]> =>
        (await read(workspace, true)).requests.flatMap((request) =>
          [...walk(request.roots)].map(
            ({ span }) => `${traceIdOf(span.correlationId)} ${span.spanId}`,
          ),
        );
      expect(await ids()).toEqual(await ids());
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
