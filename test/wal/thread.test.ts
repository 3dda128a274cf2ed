/** The thread that writes is no part of what may not fail: it may die, or not be had. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runFixture } from './support/child.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'throughline-thread-'));
});

afterEach(() => rmSync(root, { recursive: true }));

interface Told {
  readonly outcomes: readonly string[];
  readonly states: readonly string[];
  readonly failovers: number;
  readonly lastError?: string;
  readonly threads: number;
  readonly read: readonly number[];
  readonly verdicts: readonly string[];
  readonly gaps: readonly { readonly records: number; readonly reason: string }[];
}

async function told(act: string): Promise<Told> {
  const ended = await runFixture('thread.mjs', { root, act });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(ended.stdout) as Told;
}

describe('a stream whose thread', () => {
  it('dies while nothing is written goes on in its file with another one', async () => {
    expect(await told('idle')).toEqual({
      outcomes: ['durable', 'durable'],
      states: ['open', 'open'],
      failovers: 0,
      threads: 2,
      read: [0, 1],
      verdicts: [],
      gaps: [],
    });
  });

  it('dies with an append in its hands has it acknowledged from a second file', async () => {
    const { outcomes, states, failovers, lastError, threads, read, verdicts, gaps } =
      await told('busy');
    expect(new Set(outcomes)).toEqual(new Set(['durable']));
    expect(states).toEqual(['open', 'open']);
    expect(failovers).toBe(1);
    expect(lastError).toBe('the sync worker ended');
    expect(threads).toBeGreaterThan(1);
    expect(read).toEqual(outcomes.map((_, count) => count));
    for (const verdict of verdicts) expect(['SUPERSEDED', 'TORN']).toContain(verdict);
    expect(gaps).toEqual([]);
  });

  it('cannot be started leaves its host alone, and is tried for again', async () => {
    const { outcomes, states, lastError, threads, read, gaps } = await told('refuse');
    const dropped = outcomes.length - 1;
    expect(outcomes).toEqual([...Array.from({ length: dropped }, () => 'dropped'), 'durable']);
    expect(states).toEqual(['degraded', 'open']);
    expect(lastError).toBe('ERR_WORKER_INIT_FAILED: no more threads');
    expect(threads).toBe(1);
    expect(read).toEqual([dropped]);
    expect(gaps).toEqual([{ records: dropped, reason: lastError }]);
  });

  it('has seen many bursts holds the memory of few flushes', async () => {
    const ended = await runFixture('bursts.mjs', { root });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(Number(ended.stdout)).toBeLessThan(16);
  });
});
