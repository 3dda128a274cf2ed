/**
 * Who may reach whom, in what was built (docs/architecture.md). Fronts never write a WAL: nothing they load can.
 * Expectations are literals; a new edge is a decision, made here and in the open.
 */
import { describe, expect, test } from 'vitest';
import { codeOfFile, filesUnder, importsOf, path, walk } from './built-graph.js';

/** What each may take from `node:fs`; none may take more. */
const frontCommands = {
  id: [],
  // They start a command, and report to an open descriptor: that opens no file.
  'proxy-mcp': ['writeSync'],
  run: ['writeSync'],
  'shell-init': ['readFileSync'],
} as const;
/** Folders that no front may reach. */
const backends = /^dist\/src\/(?:wal|hook|read|replay|export|explore|testing)\//;
const writers =
  /^(?:node:)?(?:fs|fs\/promises|child_process|worker_threads|cluster|sqlite|net|http|https|http2|dgram)$/;

function fsOf(file: string) {
  return importsOf(file).filter(({ specifier }) => /^(?:node:)?fs(?:\/promises)?$/.test(specifier));
}

function using(files: readonly string[], pattern: RegExp): string[] {
  return files.filter((file) => pattern.test(codeOfFile(file)));
}

const adapters = filesUnder('dist/adapters', '.js');
const isProxy = (file: string): boolean => /^dist\/adapters\/(?:proxies|finecode)\//.test(file);
const isFinecode = (file: string): boolean => file.startsWith('dist/adapters/finecode/');

test('a front that goes astray is caught, two files away and behind a dynamic import', () => {
  const folder = 'test/architecture/fixtures';
  const graph = walk([`${folder}/front.js.txt`]);
  expect(path(graph, 'dist/src/wal/index.js')).toBe(
    `dist/src/wal/index.js <- ${folder}/front-part.js.txt <- ${folder}/front.js.txt`,
  );
  expect(graph.files).toContain('dist/src/hook/index.js');
  expect(graph.bare).toContain('node:fs/promises');
  expect(graph.computed).toContain(`${folder}/front-part.js.txt: dynamic`);
});

describe('the adapters', () => {
  test('are built', () => {
    for (const name of ['cli', 'finecode', 'http', 'json-rpc', 'lsp', 'mcp']) {
      expect(adapters).toContain(`dist/adapters/${name}/index.js`);
    }
  });

  test('reach no code that writes or reads a WAL', () => {
    const graph = walk(adapters);
    expect(graph.files).toContain('dist/src/context/index.js');
    expect(graph.files.filter((file) => backends.test(file)).map((f) => path(graph, f))).toEqual(
      [],
    );
  });

  test('import nothing but these, and no SDK', () => {
    expect(walk(adapters.filter((file) => !isProxy(file))).bare).toEqual([
      'node:async_hooks',
      // HMACs and random keys.
      'node:crypto',
      'ulid',
    ]);
  });

  test('start processes, and connect to a server of theirs, only to stand between', () => {
    const proxies = adapters.filter((file) => isProxy(file) && !isFinecode(file));
    expect(walk(proxies).bare.filter((name) => writers.test(name))).toEqual([
      'node:child_process',
      'node:net',
    ]);
  });

  test('write one file, in one module: the port that FineCode’s clients look for', () => {
    const written = adapters.flatMap((file) =>
      fsOf(file).map(({ names }) => [file, names.toSorted()] as const),
    );
    expect(written).toEqual([
      [
        'dist/adapters/finecode/port-file.js',
        [
          'lstatSync',
          'mkdirSync',
          'readFileSync',
          'readdirSync',
          'renameSync',
          'unlinkSync',
          'writeFileSync',
        ],
      ],
      ['dist/adapters/finecode/venv.js', ['existsSync']],
    ]);
  });

  test('load nothing by a name that is not in the text', () => {
    expect(walk(adapters).computed).toEqual([]);
  });
});

describe('the front commands of the CLI', () => {
  test('are found by a program that has loaded nothing that writes or reads a WAL', () => {
    const { files, computed } = walk(['dist/src/cli/main.js'], 'loaded');
    expect(files.filter((file) => !file.startsWith('dist/src/cli/'))).toEqual([]);
    expect(computed).toEqual([]);
  });

  test.each(Object.entries(frontCommands))(
    '%s reaches no code that writes or reads a WAL',
    (command, taken) => {
      const graph = walk([`dist/src/cli/commands/${command}.js`]);
      expect(graph.files.filter((file) => backends.test(file)).map((f) => path(graph, f))).toEqual(
        [],
      );
      expect(graph.computed).toEqual([]);
      expect(graph.bare.filter((name) => writers.test(name))).toEqual([
        ...(command === 'id' || command === 'shell-init' ? [] : ['node:child_process']),
        ...(taken.length === 0 ? [] : ['node:fs']),
      ]);
      expect(graph.files.flatMap(fsOf).flatMap(({ names }) => names)).toEqual([...taken]);
    },
  );
});

test('the command that records is found by the same walk to reach the recorder', () => {
  const { files } = walk(['dist/src/cli/commands/record-exec.js']);
  expect(files).toContain('dist/src/hook/recorder.js');
  expect(files).toContain('dist/src/wal/index.js');
  expect(files.filter((file) => file.startsWith('dist/src/read/'))).toEqual([]);
});

test('the proxy of FineCode reaches no code that writes or reads a WAL', () => {
  const graph = walk(['dist/src/cli/commands/proxy-finecode.js']);
  expect(graph.files.filter((file) => backends.test(file)).map((f) => path(graph, f))).toEqual([]);
  expect(graph.files).toContain('dist/adapters/finecode/port-file.js');
  expect(graph.computed).toEqual([]);
});

describe('src/context', () => {
  const graph = walk(['dist/src/context/index.js']);

  test('reaches nothing but itself', () => {
    expect(graph.files.filter((file) => !file.startsWith('dist/src/context/'))).toEqual([]);
    expect(graph.bare).toEqual(['node:async_hooks', 'ulid']);
    expect(graph.computed).toEqual([]);
  });

  test('reads a clock in two files, as a default, and the environment in none', () => {
    expect(using(graph.files, /\bDate \.|\bperformance\b/)).toEqual([
      'dist/src/context/hlc.js',
      'dist/src/context/ids.js',
    ]);
    expect(using(graph.files, /\bgetRandomValues\b/)).toEqual(['dist/src/context/random.js']);
    expect(using(graph.files, /\bprocess \./)).toEqual([]);
  });
});

describe('no code of the package', () => {
  const files = [...filesUnder('dist/src', '.js'), ...adapters];
  test.each([
    ['enters a scope that leaks into the next message', /\. enterWith\b/],
    ['takes ids from a generator one can predict', /\bMath \. random\b/],
    ['builds code from text', /\beval \(|\bnew Function\b/],
  ])('%s', (_, pattern) => {
    expect(using(files, pattern)).toEqual([]);
  });
});

const isChild = (file: string): boolean => file.startsWith('dist/src/protocol/child/');

describe('src/protocol', () => {
  const files = filesUnder('dist/src/protocol', '.js');

  test('knows messages and framing, and no WAL', () => {
    const graph = walk(files);
    expect(graph.files.filter((file) => backends.test(file)).map((f) => path(graph, f))).toEqual(
      [],
    );
  });

  test('starts processes in the one folder that only proxies and commands enter', () => {
    const graph = walk(files.filter((file) => !isChild(file)));
    expect(graph.files.filter(isChild).map((f) => path(graph, f))).toEqual([]);
    expect(graph.bare.filter((name) => writers.test(name))).toEqual([]);
    expect(walk(files.filter(isChild)).bare.filter((name) => writers.test(name))).toEqual([
      'node:child_process',
    ]);
  });
});

describe('the readers', () => {
  const reading = filesUnder('dist/src/read', '.js');
  const remembering = 'dist/src/read/lookup/id-cache.js';
  test('take from the file system only what cannot write, by name', () => {
    const names = reading
      .filter((file) => file !== remembering)
      .flatMap((file) =>
        fsOf(file).flatMap(({ kind, names: taken }) =>
          kind === 'static' && taken.length > 0 ? taken : [`${file}: ${kind}`],
        ),
      );
    const readOnly = new Set([
      'createReadStream',
      'lstat',
      'opendir',
      'readFile',
      'readFileSync',
      'readdir',
      'readdirSync',
      'readlink',
      'realpath',
      'realpathSync',
      'stat',
      'statSync',
      'watch',
      'constants',
    ]);
    expect(names.filter((name) => !readOnly.has(name))).toEqual([]);
  });

  // docs/adr/0004: it is told where, and that is never a root.
  test('write in one place, what searches remember, and only whole files by name', () => {
    expect(fsOf(remembering).flatMap(({ names }) => names)).toEqual([
      'mkdirSync',
      'readdirSync',
      'readFileSync',
      'realpathSync',
      'renameSync',
      'rmSync',
      'statSync',
      'writeFileSync',
    ]);
  });

  test('never reach the recorder', () => {
    const graph = walk(reading);
    const forbidden = /^dist\/(?:src\/(?:hook|replay|testing)|adapters)\//;
    expect(graph.files.filter((file) => forbidden.test(file)).map((f) => path(graph, f))).toEqual(
      [],
    );
  });

  test('take nothing from src/wal that opens a stream for writing', () => {
    const taken = reading.flatMap((file) =>
      importsOf(file)
        .filter(({ specifier }) => specifier.includes('/wal/'))
        .flatMap(({ names }) => names),
    );
    expect(taken.filter((name) => /^(?:open|create|write|append)[A-Z]|\*/.test(name))).toEqual([]);
  });
});
