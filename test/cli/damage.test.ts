/**
 * Every command over streams cut at every byte, and with single bits flipped: nothing is thrown, and nothing that the
 * damage put in doubt is shown as certain.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elsewhere } from '../read/here.js';
import { correlation, RunRecords, StreamFile } from '../read/stream-file.js';
import { call, type Said } from './in-process.js';

const id = correlation('R8Y2XEW');
let scratch = '';
/** Of a corpus its files, as they were written. */
const corpora: Record<'sealed' | 'open', readonly { path: string; bytes: Buffer }[]> = {
  sealed: [],
  open: [],
};

/** A run through two streams; `open`: the runner's stream ends in the middle of it, on another machine. */
function write(root: string, isOpen: boolean): readonly string[] {
  const wm = new StreamFile(root, 'wm', '7F3A');
  const er = new StreamFile(root, 'er', 'E001', isOpen ? { header: elsewhere } : {});
  const common = { correlationId: id, action: 'check' };
  const outer = new RunRecords(wm, { ...common, span: 2, parent: 1, origin: { front: 'cli' } });
  const inner = new RunRecords(er, { ...common, span: 4, parent: 3 });
  outer.accepted(0).dispatched(2, 3, 'er-check');
  inner.accepted(5);
  if (isOpen) {
    inner.handler(6, 5, 'lint');
  } else {
    inner.effect(7, 5, '/ws/a.ts', 'a'.repeat(64)).completed(9, 4);
    outer.completed(12, 12);
    wm.seal(20);
    er.seal(20);
  }
  wm.write();
  er.write();
  return [er.file, wm.file];
}

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tl-damage-'));
  for (const kind of ['sealed', 'open'] as const) {
    const root = join(scratch, kind);
    corpora[kind] = write(root, kind === 'open').map((file) => ({
      path: file.slice(root.length + 1),
      bytes: readFileSync(file),
    }));
  }
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The views that are asked of each damaged root, in turn: each sees every kind of damage many times. */
const views: readonly (readonly string[])[] = [
  ['runs'],
  ['show', '@0'],
  ['inflight'],
  ['records'],
  ['failed'],
  ['critical-path', '@0'],
  ['diff', '@0', '@0'],
  ['replay', '@0'],
  ['reconcile'],
  ['stats'],
  ['where'],
  ['who', '/ws/a.ts'],
  ['verify'],
  ['runs', 'state=completed'],
  ['replay', '@0', '--at', '6ms'],
];
const codes = { ok: 0, finding: 1, usage: 2, unreadable: 3 };

/** Calls the view; what it throws must be one of the sentences that `main.ts` prints. */
async function ask(root: string, args: readonly string[], isJson: boolean): Promise<Said> {
  try {
    return await call(...args, '--root', root, ...(isJson ? ['--json'] : []));
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== 'RUN_NOT_FOUND') throw error;
    return { code: codes.usage, stdout: '', stderr: '' };
  }
}

/** Writes the corpus with one file changed, asks, and hands what was said to `check`. */
async function each(
  kind: 'sealed' | 'open',
  damage: (bytes: Buffer, at: number) => Buffer | undefined,
  check: (said: Said, view: string, at: number) => void,
): Promise<number> {
  const root = join(scratch, 'damaged');
  let turn = 0;
  for (const [index, hurt] of corpora[kind].entries()) {
    rmSync(root, { recursive: true, force: true });
    for (const { path, bytes } of corpora[kind]) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), bytes);
    }
    // Every byte of one stream, and for the time it takes every ninth of the other.
    for (let at = 0; at < hurt.bytes.length; at += index === 0 ? 1 : 9) {
      const bytes = damage(hurt.bytes, at);
      if (bytes === undefined) continue;
      writeFileSync(join(root, corpora[kind][index]?.path ?? ''), bytes);
      const view = views[turn % views.length] ?? [];
      turn += 1;
      const said = await ask(root, view, turn % 2 === 0);
      expect([0, 1, 2, 3], `${view.join(' ')} at ${at}`).toContain(said.code);
      check(said, view.join(' '), at);
    }
  }
  return turn;
}

function cutAt(bytes: Buffer, at: number): Buffer {
  return bytes.subarray(0, at);
}

/** One bit of every eighth byte, another one each time. */
function flipAt(bytes: Buffer, at: number): Buffer | undefined {
  if (at % 8 !== 0 && at % 9 !== 0) return undefined;
  const copy = Buffer.from(bytes);
  // oxlint-disable-next-line no-bitwise -- Bits are what it flips.
  copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
  return copy;
}

describe.each([
  ['cut at every byte', cutAt],
  ['with a bit flipped', flipAt],
] as const)('streams %s', (_, damage) => {
  it('that are whole otherwise: no command crashes, and each view says that something is wrong', async () => {
    const asked = await each('sealed', damage, ({ code, stdout }, view, at) => {
      if (stdout === '') return;
      // A completed run may be shown as such: its end is there. But never as if nothing were wrong.
      const isSaid =
        /torn|DAMAGED|damaged|unsealed|seal|cannot be told|gap|1 stream\b|fault|verdict|CORRUPT|TORN|unseen|unknown/;
      if (!view.startsWith('where') && !stdout.startsWith('{')) {
        expect(stdout, `${view} at ${at}, exit ${code}`).toMatch(isSaid);
      }
    });
    expect(asked).toBeGreaterThan(500);
  }, 60_000);

  it('of a run that was open: it is never shown as completed, failed or lost', async () => {
    await each('open', damage, ({ stdout }, view, at) => {
      if (!/^(?:runs|show|inflight)/.test(view) || stdout === '') return;
      expect(stdout, `${view} at ${at}`).not.toMatch(/✓ …|"state":"(?:completed|failed|lost)"|✗ …/);
    });
  }, 60_000);
});
