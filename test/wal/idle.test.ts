import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStream } from '../../src/wal/index.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'throughline-idle-'));
});

afterEach(() => rmSync(root, { recursive: true }));

it('goes on after a relaxed record rode on a barrier and its own flush found nothing to do', async () => {
  await using stream = await openStream({
    root,
    role: 'wm',
    sync: 'inline',
    relaxedDelayMsMax: 5,
  });
  void stream.append({ event_type: 'runner.started' }, { durability: 'relaxed' });
  await stream.append({ event_type: 'run.accepted' });
  // The relaxed record's timer runs out in here, with an empty queue.
  await sleep(20);
  const { outcome, sequence } = await stream.append({ event_type: 'run.completed' });
  expect({ outcome, sequence }).toEqual({ outcome: 'durable', sequence: 4 });
});

it('goes on after a flush with nothing to do', async () => {
  await using stream = await openStream({ root, role: 'wm', sync: 'inline' });
  await stream.flush();
  const { outcome, sequence } = await stream.append({ event_type: 'run.accepted' });
  expect({ outcome, sequence }).toEqual({ outcome: 'durable', sequence: 2 });
});

it('ends a flush when what came before it is durable, though others go on appending', async () => {
  await using stream = await openStream({ root, role: 'wm', sync: 'inline' });
  const time = { isOver: false };
  const appending = (async () => {
    while (!time.isOver) await stream.append({ event_type: 'run.accepted' });
  })();
  void stream.append({ event_type: 'runner.started' }, { durability: 'none' });
  await stream.flush();
  const { syncs } = stream.metrics();
  time.isOver = true;
  await appending;
  expect(syncs).toBeGreaterThan(0);
});
