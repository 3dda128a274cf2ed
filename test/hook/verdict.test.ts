import { describe, expect, it } from 'vitest';
import { judge, type StreamEvidence } from '../../src/hook/verdict.js';
import type { WalRecord } from '../../src/wal/index.js';

function opened(pid: number): WalRecord {
  const payload = { pid, process_start: '77', boot_id: 'b', machine: 'm', pid_namespace: 'n' };
  return { event_type: 'wal.opened', payload } as unknown as WalRecord;
}

const dead: StreamEvidence = {
  opened: opened(4711),
  isSealed: false,
  hasGap: false,
  faults: [],
  state: { state: 'gone', evidence: 'process 4711 does not exist' },
};
const elsewhere: StreamEvidence = {
  ...dead,
  state: { state: 'unknown', evidence: 'written on another machine' },
};

function fault(verdict: 'TORN' | 'UNSEALED' | 'CORRUPT' | 'GAP' | 'MISSING'): StreamEvidence {
  return { ...dead, faults: [{ verdict, file: 'f', offset: 0, message: `${verdict} at 0` }] };
}

describe('a run without an end', () => {
  it('is lost when its writer is gone, a torn tail or not', () => {
    for (const stream of [dead, fault('TORN'), fault('UNSEALED')]) {
      expect(judge([stream], 0)).toEqual({
        verdict: 'lost',
        evidence: 'process 4711 does not exist',
        isOwn: false,
      });
    }
  });

  it('is lost when its writer closed the stream over it, wherever that was', () => {
    expect(judge([{ ...elsewhere, isSealed: true }], 0)).toMatchObject({ verdict: 'lost' });
  });

  it('is unknown when nothing can be proved of its writer', () => {
    expect(judge([elsewhere], 0)).toEqual({
      verdict: 'unknown',
      evidence: 'written on another machine',
      isOwn: false,
    });
  });

  it.each(['CORRUPT', 'GAP', 'MISSING'] as const)(
    'is unknown when its end may be among what is damaged (%s)',
    (verdict) => {
      expect(judge([fault(verdict)], 0)).toMatchObject({
        verdict: 'unknown',
        evidence: `its stream is damaged: ${verdict} at 0`,
      });
    },
  );

  it('is unknown when its writer went on in another stream that begins with a gap', () => {
    const after = { ...dead, hasGap: true };
    const stranger = { ...dead, opened: opened(4712), hasGap: true };
    expect(judge([dead, after], 0)).toMatchObject({ verdict: 'unknown' });
    expect(judge([dead, stranger], 0)).toMatchObject({ verdict: 'lost' });
  });

  it('is unknown without a readable header', () => {
    const headless = { ...dead, opened: undefined, state: undefined };
    expect(judge([headless], 0)).toMatchObject({ verdict: 'unknown' });
  });

  it('is in flight while its writer runs, and not an earlier one’s when that is this process', () => {
    const alive = { state: 'alive', evidence: 'it runs' } as const;
    expect(judge([{ ...dead, state: alive }], 0)).toEqual({
      verdict: 'in_flight',
      evidence: 'it runs',
      isOwn: false,
    });
    const own = { ...dead, opened: opened(process.pid), state: alive };
    expect(judge([own], 0)).toMatchObject({ isOwn: true });
  });
});
