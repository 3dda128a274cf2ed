/** What the hook makes of a FineCode in real processes, read with its own streams and without them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finecodeSource, readStory, walk, type Story } from '../../../src/read/index.js';
import { isReal } from '../../finecode/hook/installation.js';
import { Client, python, until, Workspace } from '../../finecode/hook/support.js';

const traces = ['Greet', 'Greet streamed', 'Nest'].map((_, index) => `${index + 1}`.repeat(32));
let workspace: Workspace | undefined;

beforeAll(async () => {
  if (python === '' || isReal) return;
  workspace = new Workspace();
  const client = new Client(await workspace.manager());
  await client.request('client/initialize', { clientId: 'mcp-test' });
  const dirPath = workspace.directory;
  await client.request('workspace/addDir', {
    dirPath,
    initializeAllHandlers: false,
    prepare: true,
  });
  for (const [index, action] of ['Greet', 'Greet', 'Nest'].entries()) {
    const answer = await client.request('actions/run', {
      actionSource: `demo_ext.${action}Action`,
      project: dirPath,
      params: { name: `n-${index}` },
      options: { trigger: 'user', devEnv: 'ai', resultFormats: ['json'] },
      _traceparent: `00-${traces[index]}-00000000000000f${index}-01`,
      ...(index === 1 ? { partialResultToken: 't' } : {}),
    });
    if (answer['result'] === undefined) throw new Error(JSON.stringify(answer));
  }
  client.close();
  const { root, wal } = { root: workspace.root, wal: workspace.wal() };
  if (wal.length === 0) throw new Error(`no WAL beside ${root}`);
  await until(() =>
    (workspace?.events() ?? []).some(({ event_type: type }) => type === 'run.completed'),
  );
}, 60_000);

afterAll(() => workspace?.close());

function read(isWithRoot: boolean): Promise<Story> {
  const roots = isWithRoot ? [workspace?.root ?? ''] : [];
  const places = [workspace?.directory ?? ''];
  return readStory({ roots, sources: [finecodeSource({ places, roots })] });
}

/** The spans of a trace, from streams of ours and from FineCode's. */
function spansOf(
  story: Story,
  traceId: string,
): { readonly ours: number; readonly theirs: number } {
  const all = [...story.requests]
    .filter((request) => request.traceId === traceId)
    .flatMap((request) => [...walk(request.roots)]);
  const theirs = all.filter(({ span }) => /^(?:wm|er)-\d+-\d+$/.test(span.writerId)).length;
  return { ours: all.length - theirs, theirs };
}

describe.skipIf(python === '' || isReal)('a FineCode with the hook', () => {
  it('is one request for each that was asked, told by the hook and not twice', async () => {
    const story = await read(true);
    for (const traceId of traces) {
      const of = [...story.requests].filter((request) => request.traceId === traceId);
      expect(of.map(({ state }) => state)).toEqual(['completed']);
      expect(spansOf(story, traceId)).toMatchObject({ theirs: 0 });
      expect(spansOf(story, traceId).ours).toBeGreaterThan(1);
    }
  });

  it('has the ids in FineCode’s own records, too, where the streams of the hook are not at hand', async () => {
    const story = await read(false);
    for (const traceId of traces) {
      expect(spansOf(story, traceId)).toMatchObject({ ours: 0 });
      expect(spansOf(story, traceId).theirs).toBeGreaterThan(1);
    }
    const requests = new Map<string, Set<string>>();
    for (const request of story.requests) {
      for (const { span } of walk(request.roots)) {
        const key = `${request.correlationId} ${request.entrySpanId}`;
        requests.set(span.runId ?? '', (requests.get(span.runId ?? '') ?? new Set()).add(key));
      }
    }
    expect([...requests].filter(([, keys]) => keys.size !== 1)).toEqual([]);
  });
});
