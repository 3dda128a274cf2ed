import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reconcile, type Finding } from '../../src/read/index.js';
import { hereWith, writtenBy } from './here.js';
import { correlation, RunRecords, span, StreamFile, type Fields } from './stream-file.js';

let root = '';
let wm: StreamFile;
let er: StreamFile;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-reconcile-'));
  wm = new StreamFile(root, 'wm', 'WM', { header: writtenBy(10) });
  er = new StreamFile(root, 'er', 'ER', { header: writtenBy(20) });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const id = correlation('A1B2C3D');

function asked(number: number, parent = 1): RunRecords {
  return new RunRecords(wm, { correlationId: id, span: number, parent, action: 'check' });
}

function ran(number: number, parent: number): RunRecords {
  return new RunRecords(er, { correlationId: id, span: number, parent, action: 'lint' });
}

/** A request that went well: it teaches which stream is the runner's. */
function well(): void {
  const run = asked(2).accepted(0).dispatched(1, 3, 'er-lint');
  ran(4, 3).accepted(2).completed(3, 1);
  run.completed(4, 4);
}

async function findings(...running: readonly number[]): Promise<readonly Finding[]> {
  wm.write();
  er.write();
  return (await reconcile({ roots: [root], here: hereWith(...running) })).findings;
}

function brief(found: readonly Finding[]): readonly string[] {
  return found.map(({ name, recovery, records }) => {
    const proof = records.map(({ writerId, sequence }) => `${writerId.slice(0, 2)}${sequence}`);
    return `${name}: ${recovery} (${proof.join(' ')})`;
  });
}

describe('reconciling', () => {
  it('finds nothing in a story that fits', async () => {
    well();
    wm.seal(9);
    er.seal(9);
    expect(await findings()).toEqual([]);
  });

  it('says what a runner that can be read has nothing of is safe to run again', async () => {
    well();
    asked(12, 11).accepted(10).dispatched(11, 13, 'er-lint');
    er.seal(20);
    expect(brief(await findings())).toEqual(['dispatched_unseen: safe to re-run (wm6)']);
  });

  it('does not say so while the runner may still accept it, nor where records of it are missing', async () => {
    well();
    asked(12, 11).accepted(10).dispatched(11, 13, 'er-lint').failed(12, 2, { message: 'timeout' });
    expect(brief(await findings(20))).toEqual(['dispatched_unseen: unknown (wm6)']);
    er.add(20, 'wal.gap', { payload: { records: 1, reason: 'full' } });
    expect(brief(await findings())).toEqual([]);
  });

  it('does not say so of a runner that was closed before the attempt', async () => {
    well();
    er.seal(9);
    asked(12, 11).accepted(10).dispatched(11, 13, 'er-lint');
    expect(brief(await findings())).toEqual(['dispatched_unseen: unknown (wm6)']);
  });

  it.each([
    ['barrier', 'safe to re-run'],
    ['relaxed', 'unknown'],
    ['none', 'unknown'],
  ])('takes no record of a killed runner with %s runs for: %s', async (durability, recovery) => {
    well();
    ran(24, 21).add(5, 'run.accepted', { durability }).completed(6, 1);
    asked(12, 11).accepted(10).dispatched(11, 13, 'er-lint');
    const found = (await findings()).filter(({ name }) => name === 'dispatched_unseen');
    expect(brief(found)).toEqual([`dispatched_unseen: ${recovery} (wm6)`]);
  });

  it('takes no record of a killed runner for nothing where a disk made it go on before', async () => {
    well();
    er.add(5, 'wal.late', { payload: { barriers: 1, waited_ms: 1000 } });
    asked(12, 11).accepted(10).dispatched(11, 13, 'er-lint');
    expect(brief(await findings())).toEqual(['dispatched_unseen: unknown (wm6)']);
  });

  it('says what the runner completed and its asker did not live to record is done', async () => {
    asked(2).accepted(0).dispatched(1, 3, 'er-lint');
    ran(4, 3).accepted(2).completed(3, 1);
    er.seal(9);
    expect(brief(await findings())).toEqual(['ended_unrecorded: already done (wm2 er2 er3)']);
  });

  it('leaves open whether what the runner failed at was done', async () => {
    asked(2).accepted(0).dispatched(1, 3, 'er-lint');
    ran(4, 3).accepted(2).failed(3, 1, { message: 'no' });
    er.seal(9);
    expect(brief(await findings())).toEqual(['ended_unrecorded: unknown (wm2 er2 er3)']);
  });

  it('finds no repetition in an attempt that asked for several actions in several projects', async () => {
    asked(2).accepted(0).dispatched(1, 3, 'er-lint').add(9, 'run.completed');
    for (const [own, action, project] of [
      [4, 'lint', '/a'],
      [5, 'lint', '/b'],
      [6, 'test', '/a'],
    ] as const) {
      new RunRecords(er, { correlationId: id, span: own, parent: 3, action })
        .add(2, 'run.accepted', { params_hash: 'aa' }, { project_path: project })
        .completed(4, 1);
    }
    expect(await findings()).toEqual([]);
  });

  it('finds two ends of one run, and a record before the one that caused it', async () => {
    const run = asked(2).accepted(5).dispatched(6, 3, 'er-lint');
    ran(4, 3).accepted(2).completed(3, 1);
    run.completed(7, 7).failed(8, 8, { message: 'late' });
    expect(brief(await findings()).toSorted()).toEqual([
      'effect_before_cause: unknown (er2 er3 wm3)',
      'ended_twice: already done (wm4 wm5)',
    ]);
  });

  it('finds a run whose attempt is in no stream, and no fault in one that a front asked for', async () => {
    well();
    ran(14, 13).accepted(10).completed(11, 1);
    ran(15, 99).handler(12, 16, 'oxlint');
    const found = await findings();
    expect(brief(found)).toEqual(['orphan_parent: unknown (er6)', 'orphan_parent: unknown (er4)']);
    expect(found.at(-1)?.message).toContain(span(13));
  });

  it.each<readonly [string, Fields, Fields, string, string]>([
    [
      'the same message',
      { connection: 'c', id: 7 },
      { connection: 'c', id: 7 },
      'duplicate delivery',
      'already done',
    ],
    [
      'another part of it',
      { connection: 'c', id: 7 },
      { connection: 'c', id: 7, part: 2 },
      'unknown',
      'already done',
    ],
    [
      'another message',
      { connection: 'c', id: 7 },
      { connection: 'c', id: 8 },
      'unknown',
      'already done',
    ],
  ])(
    'calls two runs of one attempt for %s by name',
    async (_case, first, second, repeat, recovery) => {
      asked(2).accepted(0).dispatched(1, 3, 'er-lint');
      ran(4, 3).add(2, 'run.accepted', { rpc: first }).completed(4, 1);
      ran(5, 3).add(3, 'run.accepted', { rpc: second });
      const found = (await findings(10, 20)).filter(({ name }) => name === 'repeated');
      expect(found).toMatchObject([{ repeat, recovery }]);
      expect(brief(found)).toEqual(['repeated: already done (er2 er4)']);
    },
  );

  it('takes two requests with the same params for a retry, and with other params for two requests', async () => {
    asked(2).add(0, 'run.accepted', { params_hash: 'aa' });
    asked(3).add(1, 'run.accepted', { params_hash: 'aa' });
    asked(4).add(2, 'run.accepted', { params_hash: 'bb' });
    const found = (await findings(10)).filter(({ name }) => name === 'repeated');
    expect(found).toMatchObject([{ repeat: 'probably a retry', recovery: 'unknown' }]);
    expect(brief(found)).toEqual(['repeated: unknown (wm2 wm3)']);
  });

  it('finds a wall clock that was set back, with the records around it', async () => {
    well();
    er.add(900, 'runner.started').add(100, 'runner.stopped');
    wm.add(9, 'wal.sealed', { payload: { next: null, clock_steps: 2 } });
    const found = (await findings()).filter(({ name }) => name === 'clock_step');
    expect(found.map(({ message }) => message.replace(/^.*: /, '')).toSorted()).toEqual([
      'the wall clock was set back by 800 ms',
      'the writer saw its wall clock step 2 times',
    ]);
    expect(brief(found).toSorted()).toEqual([
      'clock_step: unknown (er4 er5)',
      'clock_step: unknown (wm5)',
    ]);
  });
});
