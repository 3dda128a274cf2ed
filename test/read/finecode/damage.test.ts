/** A FineCode workspace cut at every byte and with bits flipped: read as far as it goes, and nothing wrong said for certain. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Story } from '../../../src/read/index.js';
import { Files, readPlaces, run } from './wal.js';

const wal = '.venvs/dev_workspace/state/finecode/wal/wm/wal-000001.jsonl';
const runner = '.venvs/dev_no_runtime/state/finecode/wal/er/wal-000001.jsonl';

/** Two runs, of which the second fails, in one WM and one ER. */
function workspace(): Files {
  const files = new Files();
  const [wm, er] = [files.wm(), files.er()];
  for (const index of [0, 1]) {
    const [at, id, isFailed] = [index * 20, run(`${index + 1}`), index === 1];
    const end = isFailed ? 'run.failed' : 'run.completed';
    const handler = { run_id: index, handler: 'ruff' };
    wm.add(at, id, 'run.accepted', { params_hash: 'a'.repeat(64) })
      .add(at + 1, id, 'run.dispatched', { runner_id: 'x', env_name: 'dev_no_runtime' })
      .add(at + 9, id, end, isFailed ? { error: 'no' } : { return_code: 0 });
    er.add(at + 2, id, 'run.accepted', { partial_result_token: null, progress_token: null })
      .add(at + 3, id, 'run.dispatched', { run_id: index })
      .add(at + 4, id, 'handler.started', handler)
      .add(at + 5, id, isFailed ? 'handler.failed' : 'handler.completed', {
        ...handler,
        error: 'no',
      })
      .add(at + 6, id, end, isFailed ? { error: `failed(Run ${index}): no` } : { return_code: 0 });
  }
  files.write();
  return files;
}

const ends: Readonly<Record<string, string>> = { '1': 'completed', '2': 'failed' };

/** The true end, an end that is said to be concluded, or no end. */
function isHonest({ requests }: Story): boolean {
  for (const { traceId, state, isEndInferred } of requests) {
    const end = ends[traceId[0] ?? ''];
    if (end === undefined || state === end || state === 'unknown') continue;
    // What the ER completed before its WM was cut off from saying so.
    if (!(isEndInferred && state === 'completed')) return false;
  }
  return true;
}

/** Every so-many-th place; all of them with `THROUGHLINE_DAMAGE=all npx vitest run test/read/finecode/damage.test.ts`. */
const step = process.env['THROUGHLINE_DAMAGE'] === 'all' ? 1 : 13;

describe('a damaged workspace', () => {
  let files: Files;

  beforeAll(() => {
    files = workspace();
  });

  it.each([wal, runner])(
    'cut at every byte of %s says nothing that is not so',
    async (file) => {
      files = workspace();
      const whole = readFileSync(join(files.place, file));
      let before = -1;
      for (let bytes = 0; bytes <= whole.length; bytes += step) {
        writeFileSync(join(files.place, file), whole.subarray(0, bytes));
        const story = await readPlaces([files.place]);
        expect([bytes, isHonest(story), story.truth.problems]).toEqual([bytes, true, []]);
        expect(story.truth.records).toBeGreaterThanOrEqual(before);
        before = story.truth.records;
      }
      expect(before).toBeGreaterThanOrEqual(15);
    },
    60_000,
  );

  it('with any byte changed is read around it', async () => {
    files = workspace();
    const path = join(files.place, wal);
    const whole = readFileSync(path);
    let faults = 0;
    for (let at = 0; at < whole.length; at += step) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path, changed);
      const { truth, streams } = await readPlaces([files.place]);
      expect(truth.problems).toEqual([]);
      // At most the record that was changed is gone, or with its newline two.
      expect(truth.records).toBeGreaterThanOrEqual(14);
      faults += streams.reduce((sum, stream) => sum + stream.faults.length, 0);
    }
    expect(faults).toBeGreaterThan(whole.length / step / 4);
  }, 300_000);

  it('with segments that are links to themselves, to nothing or to no file is read without them, and the first is said', async () => {
    files = workspace();
    const of = (number: number): string =>
      join(files.place, wal.replace('000001', `00000${number}`));
    symlinkSync(of(2), of(2));
    symlinkSync('/nowhere', of(3));
    symlinkSync('/dev/zero', of(4));
    mkdirSync(of(5));
    const { truth } = await readPlaces([files.place]);
    expect(truth).toMatchObject({
      records: 16,
      problems: [{ root: files.place, message: `${of(2)} cannot be read: ELOOP` }],
    });
  });
});
