/** Small WAL directories by hand, and how tests look at what is read of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import {
  finecodeSource,
  readStory,
  walk,
  type Request,
  type Story,
} from '../../../src/read/index.js';
import { WalFiles, type WalWriter } from '../../support/finecode-wal.js';

export const epochUs: number = Date.UTC(2026, 10, 21, 20, 0, 0) * 1000;
const made: string[] = [];
const kept: string[] = [];

function remove(directories: string[]): void {
  for (const directory of directories.splice(0))
    rmSync(directory, { recursive: true, force: true });
}

afterEach(() => remove(made));
afterAll(() => remove(kept));

/** Removed after the test, or after the file. */
export function temporary({ isKept = false }: { readonly isKept?: boolean } = {}): string {
  const directory = mkdtempSync(join(tmpdir(), 'throughline-finecode-'));
  (isKept ? kept : made).push(directory);
  return directory;
}

/** A run id that is easy to see. */
export function run(digit: string): string {
  return `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-a${digit.repeat(3)}-${digit.repeat(12)}`;
}

interface Options {
  readonly action?: string;
  readonly project?: string;
  readonly trigger?: string;
  readonly devEnv?: string;
  readonly schemaVersion?: number;
}

/** What one process appends, in milliseconds after `epochUs`. */
export class Writer {
  readonly #files: WalFiles;
  readonly writer: WalWriter;
  readonly #project: string;

  constructor(files: WalFiles, writerId: string, project = '/ws') {
    this.#files = files;
    this.writer = { writerId, sequence: 0 };
    this.#project = project;
  }

  add(
    atMs: number,
    runId: string | undefined,
    event: string,
    payload: object = {},
    options: Options = {},
  ): this {
    this.#files.add(this.writer, {
      atUs: epochUs + Math.round(atMs * 1000),
      event,
      payload: { ...payload },
      ...(runId === undefined
        ? {}
        : {
            runId,
            action: options.action ?? 'greet',
            trigger: options.trigger ?? 'user',
            devEnv: options.devEnv ?? 'cli',
          }),
      project: options.project ?? this.#project,
      ...(options.schemaVersion === undefined ? {} : { schemaVersion: options.schemaVersion }),
    });
    return this;
  }

  tear(): this {
    this.#files.tear(this.writer);
    return this;
  }
}

/** A workspace with one project. */
export class Files {
  readonly place: string;
  readonly #all: WalFiles[] = [];

  constructor(place: string = temporary()) {
    this.place = place;
  }

  files(
    role: 'wm' | 'er',
    env: string = role === 'wm' ? 'dev_workspace' : 'dev_no_runtime',
  ): WalFiles {
    const files = new WalFiles(join(this.place, '.venvs', env, 'state', 'finecode', 'wal', role));
    this.#all.push(files);
    return files;
  }

  wm(writerId = 'wm-404-1795291833'): Writer {
    return new Writer(this.files('wm'), writerId);
  }

  er(env = 'dev_no_runtime', writerId = 'er-411-1795291834'): Writer {
    return new Writer(this.files('er', env), writerId);
  }

  write(): void {
    for (const files of this.#all) files.write();
  }

  async read(roots: readonly string[] = []): Promise<Story> {
    this.write();
    return readPlaces([this.place], roots);
  }
}

export function readPlaces(
  places: readonly string[],
  roots: readonly string[] = [],
): Promise<Story> {
  return readStory({ roots, sources: [finecodeSource({ places, roots })] });
}

/** `completed greet`, and below it its spans: `  run er greet completed`. Newest first. */
export function told(story: Pick<Story, 'requests'>): readonly string[] {
  return [...story.requests].flatMap((request) => [head(request), ...spansOf(request)]);
}

function head({ state, what, isEndInferred, join: confidence }: Request): string {
  return [state, what, isEndInferred ? '~' : '', confidence ?? '']
    .filter((part) => part !== '')
    .join(' ');
}

export function spansOf(request: Request): readonly string[] {
  return [...walk(request.roots)].map(
    ({ span, depth }) =>
      `${'  '.repeat(depth + 1)}${span.kind} ${span.writerId.split('-')[0] ?? ''} ${span.name} ${span.state}`,
  );
}
