/** The outline of a large request is short whatever its shape, and what went wrong is in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { correlation, RunRecords, StreamFile } from '../read/stream-file.js';
import { call } from './in-process.js';

let root = '';
let er: StreamFile;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-fold-'));
  er = new StreamFile(root, 'er', 'E001');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const id = correlation('6T3MZQ9');
const exit1 = { class: 'ExitError', message: `exit 1: ${'a long explanation '.repeat(9)}` };

function run(own: number, parent: number, action = 'format'): RunRecords {
  return new RunRecords(er, { correlationId: id, span: own, parent, action });
}

/** 498 spans in a shape, all under one failed run. */
const shapes: Readonly<Record<string, (top: RunRecords) => void>> = {
  'handlers of one name, one of which failed': (top) => {
    for (let own = 0; own < 497; own += 1) {
      const error = own === 400 ? exit1 : undefined;
      top.handler(own + 1, own + 10, 'fmt').handlerEnd(own + 1, own + 10, 'fmt', 1, error);
    }
  },
  'handlers of 497 names, one of which failed': (top) => {
    for (let own = 0; own < 497; own += 1) {
      const name = `fmt src/a/rather/long/path/to/a/module_${own}.py`;
      const error = own === 400 ? exit1 : undefined;
      top.handler(own + 1, own + 10, name).handlerEnd(own + 1, own + 10, name, 1, error);
    }
  },
  'handlers of 497 names, all of which failed': (top) => {
    for (let own = 0; own < 497; own += 1) {
      const name = `fmt src/module_${own}.py`;
      top.handler(own + 1, own + 10, name).handlerEnd(own + 1, own + 10, name, 1, exit1);
    }
  },
  'runs one below the other, the last of which failed': () => {
    for (let own = 0; own < 497; own += 1) run(own + 3, own + 2, `step ${own}`).accepted(own + 1);
    for (let own = 496; own >= 0; own -= 1) run(own + 3, own + 2).failed(1000 - own, 1, exit1);
  },
  'pairs of runs, every tenth of which failed': () => {
    for (let own = 0; own < 248; own += 1) {
      const [outer, inner] = [own * 2 + 10, own * 2 + 11];
      run(outer, 2, `partition ${own}`).accepted(own + 1);
      run(inner, outer, `part ${own}`).accepted(own + 1);
      if (own % 10 === 0) {
        run(inner, outer).failed(own + 1, 1, exit1);
        run(outer, 2).failed(own + 1, 1, exit1);
      } else {
        run(inner, outer).completed(own + 1, 1);
        run(outer, 2).completed(own + 1, 1);
      }
    }
  },
};

describe('a failed request of about 498 spans', () => {
  it.each(Object.entries(shapes))('%s: at most 12 lines and 1,000 bytes', async (_, fill) => {
    const top = run(2, 1).accepted(0);
    fill(top);
    top.failed(2000, 2000, { class: 'RunFailed', message: 'format failed' });
    er.seal(2100).write();
    const { code, stdout } = await call('show', '@0', '--root', root);
    expect(code).toBe(0);
    expect(stdout).toMatch(/49[78] spans/);
    expect(stdout.split('✗').length).toBeGreaterThanOrEqual(3);
    expect(stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
    expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(1000);
    const full = await call('show', '@0', '--full', '--root', root);
    expect(full.stdout.split('\n').length).toBeGreaterThan(100);
  });
});

describe('siblings of many names', () => {
  it('that went well are one line, and of those that failed the first are shown', async () => {
    const top = run(2, 1).accepted(0);
    for (let own = 0; own < 40; own += 1) {
      const error = own % 8 === 0 ? { class: 'ExitError', message: `exit ${own}` } : undefined;
      top.handler(own, own + 10, `h${own}`).handlerEnd(own, own + 10, `h${own}`, 1, error);
    }
    top.failed(90, 90, { class: 'RunFailed', message: 'no' });
    er.seal(100).write();
    const { stdout } = await call('show', '@0', '--root', root);
    const lines = stdout.split('\n').map((line) => line.replace(/ {2,}.*/, ''));
    expect(lines.slice(1, 7)).toEqual([
      '✗ run format [er]',
      '├ ✗ handler h0',
      '├ ✗ handler h8',
      '├ ✗ handler h16',
      '├ ✗ 2 handlers',
      '└ ✓ 35 handlers',
    ]);
  });
});
