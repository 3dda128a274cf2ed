/** What a watch sees, what it says that it did not, and which files a pattern names. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { globFiles } from '../../src/hook/exec/globs.js';
import { Watch, watchLimits, type WatchLimits } from '../../src/hook/exec/watch.js';

let cwd = '';
beforeEach(() => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'tl-watch-')));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function put(name: string, text = name): void {
  mkdirSync(dirname(join(cwd, name)), { recursive: true });
  writeFileSync(join(cwd, name), text);
}

function spell(print: { readonly bytes: number } | null | undefined): string {
  return print === null ? 'none' : print === undefined ? '?' : String(print.bytes);
}

function append(name: string): void {
  appendFileSync(join(cwd, name), '+');
}

function putAll(): void {
  for (const name of ['a', 'b', 'c']) put(name);
}

/** Until the clock of the file system, which may lag by some milliseconds, shows another time. */
function passTime(): void {
  const startMs = Date.now();
  while (Date.now() < startMs + 20);
}

/** What changed while `work` ran: `path before->after`, each as bytes, `none` or `?`. */
function watched(
  patterns: readonly string[],
  work: () => void,
  limits: Partial<WatchLimits> = {},
): { readonly changes: readonly string[]; readonly counts: unknown } {
  const watch = new Watch(patterns, {
    cwd,
    except: join(cwd, '.throughline'),
    limits: { ...watchLimits, ...limits },
  });
  watch.begin();
  work();
  const { changes, counts } = watch.end();
  return {
    changes: changes.map(
      ({ path, before, after }) => `${relative(cwd, path)} ${spell(before)}->${spell(after)}`,
    ),
    counts,
  };
}

describe('a pattern names', () => {
  const files = [
    'a.ts',
    'b.js',
    '.hidden.ts',
    'src/c.ts',
    'src/deep/d.ts',
    'src/deep/[x].ts',
    'node_modules/m/e.ts',
    '.git/config',
    '.throughline/wal/f.ts',
  ];
  it.each([
    ['*.ts', ['.hidden.ts', 'a.ts']],
    ['**/*.ts', ['.hidden.ts', 'a.ts', 'src/c.ts', 'src/deep/[x].ts', 'src/deep/d.ts']],
    ['**/**/d.ts', ['src/deep/d.ts']],
    ['src', ['src/c.ts', 'src/deep/[x].ts', 'src/deep/d.ts']],
    ['./src/', ['src/c.ts', 'src/deep/[x].ts', 'src/deep/d.ts']],
    ['src/*', ['src/c.ts']],
    ['*/?.ts', ['src/c.ts']],
    ['{a,b}.{ts,js}', ['a.ts', 'b.js']],
    ['{src/c,a}.ts', ['a.ts', 'src/c.ts']],
    ['[ab].*', ['a.ts', 'b.js']],
    ['[!a].*', ['b.js']],
    ['[z-a].*', []],
    ['src/deep/[[]x].ts', ['src/deep/[x].ts']],
    ['a.ts', ['a.ts']],
    ['a.ts/*', []],
    ['nowhere/**', []],
    ['node_modules', ['node_modules/m/e.ts']],
    ['.throughline/**', []],
    ['src/../a.ts', ['a.ts']],
  ])('%s: %j', (pattern, expected) => {
    for (const file of files) put(file);
    const found = new Set<string>();
    const options = { cwd, except: join(cwd, '.throughline'), entriesMax: 100 };
    expect(globFiles([pattern], options, (path) => found.add(relative(cwd, path)))).toBe(true);
    expect([...found].sort()).toEqual(expected);
  });

  it('absolute paths, and no way through a link that it does not spell', () => {
    put('real/a.ts');
    symlinkSync(join(cwd, 'real'), join(cwd, 'link'));
    symlinkSync(join(cwd, 'real/a.ts'), join(cwd, 'b.ts'));
    const found: string[] = [];
    const options = { cwd: '/', except: '/nowhere', entriesMax: 1000 };
    globFiles([join(cwd, '**/*.ts')], options, (path) => found.push(relative(cwd, path)));
    globFiles([join(cwd, 'link/*.ts')], options, (path) => found.push(relative(cwd, path)));
    expect(found).toEqual(['real/a.ts', 'real/a.ts']);
  });
});

describe('a watch sees', () => {
  it('files made, changed and removed, and no others', () => {
    for (const name of ['kept', 'changed', 'removed', 'rewritten', 'old']) put(name);
    const { changes, counts } = watched(['**'], () => {
      put('changed', 'longer than before');
      rmSync(join(cwd, 'removed'));
      put('rewritten');
      utimesSync(join(cwd, 'old'), 1, 1);
      put('new/made', '');
    });
    expect(changes).toEqual(['changed 7->18', 'new/made none->0', 'removed 7->none']);
    expect(counts).toEqual({ files: 5, changed: 3 });
  });

  it('a change of the same length whose time was set back', () => {
    put('a', 'one');
    const { atime, mtime } = statSync(join(cwd, 'a'));
    const { changes } = watched(['a'], () => {
      put('a', 'two');
      utimesSync(join(cwd, 'a'), atime, mtime);
    });
    expect(changes).toEqual(['a 3->3']);
  });

  it('a directory that was not there before', () => {
    expect(existsSync(join(cwd, 'dist'))).toBe(false);
    expect(watched(['dist'], () => put('dist/a.js', 'x')).changes).toEqual(['dist/a.js none->1']);
  });

  it('a file that made way for a directory as removed', () => {
    put('a');
    const { changes } = watched(['**'], () => {
      rmSync(join(cwd, 'a'));
      put('a/b', 'x');
    });
    expect(changes).toEqual(['a 1->none', 'a/b none->1']);
  });
});

describe('a watch says what it left out', () => {
  it('with as many files as it may compare, nothing', () => {
    for (const name of ['a', 'b']) put(name);
    expect(watched(['*'], () => append('b'), { filesMax: 2 })).toEqual({
      changes: ['b 1->2'],
      counts: { files: 2, changed: 1 },
    });
  });

  it('with one more, how many; and calls none of those created', () => {
    putAll();
    passTime();
    const appendAll = (): void => {
      passTime();
      for (const name of ['a', 'b', 'c']) append(name);
    };
    const one = watched(['*'], appendAll, { filesMax: 1 });
    expect(one.counts).toEqual({ files: 1, changed: 2, unwatched: 2 });
    // One of them is known, one of the others was found to be written since, and one is not looked at.
    expect(one.changes.filter((change) => change.endsWith(' 1->2'))).toHaveLength(1);
    expect(one.changes.filter((change) => change.endsWith(' ?->2'))).toHaveLength(1);
    expect(watched(['*'], passTime, { filesMax: 1 }).changes).toEqual([]);
  });

  it('when there are too many entries to look at', () => {
    putAll();
    expect(watched(['*'], () => undefined, { entriesMax: 3 }).counts).toEqual({
      files: 3,
      changed: 0,
    });
    expect(watched(['*'], () => undefined, { entriesMax: 2 }).counts).toMatchObject({
      gave_up: true,
    });
  });

  it('hashes, of a file that is too large, and sees its change all the same', () => {
    put('a', '12345');
    put('b', '1234');
    const work = (): void => {
      put('a', '54321');
      put('b', '4321');
    };
    expect(watched(['*'], work, { fileBytesMax: 4 }).changes).toEqual(['a ?->?', 'b 4->4']);
    expect(watched(['*'], () => put('b', 'x'), { totalBytesMax: 3 }).changes).toEqual(['b ?->1']);
  });

  it('changes over the number that is recorded', () => {
    expect(watched(['*'], putAll, { changesMax: 2 })).toEqual({
      changes: ['a none->1', 'b none->1'],
      counts: { files: 0, changed: 3, unrecorded: 1 },
    });
  });
});
