/**
 * The package as a user gets it: packed, installed into an empty project without a network, imported by name. The
 * project has none of the SDKs and no types of Node.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repository } from './built-graph.js';

const run = promisify(execFile);
const project = mkdtempSync(join(realpathSync(tmpdir()), 'throughline-packed-'));
const installed = join(project, 'node_modules/throughline');
const tarballs: string[] = [];
let packed: string[] = [];

/** A shell of a user's own: none of what npm and vitest put into the environment of this process. */
const env = {
  PATH: process.env['PATH'],
  HOME: project,
  npm_config_cache: join(project, '.cache'),
  npm_config_update_notifier: 'false',
};

async function node(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, args, { cwd: project, env });
  return stdout;
}

async function pack(folder: string): Promise<{ filename: string; files: { path: string }[] }> {
  // The build is there already: tests run behind it.
  const args = ['pack', folder, '--ignore-scripts', '--json', '--pack-destination', project];
  const { stdout } = await run('npm', args, { cwd: repository, env });
  const [result] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
  if (result === undefined) throw new Error(`npm pack ${folder} printed nothing`);
  return result;
}

async function compile(options: object): Promise<string> {
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: [],
    ...options,
  };
  const files = ['consumer.ts', 'consumer.cts'];
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  return node(tsc, '-p', project, '--pretty', 'false').catch((error: unknown) =>
    String((error as { stdout?: unknown }).stdout),
  );
}

const consumer = `
  import { Context, extract, inject, type RemoteContext } from 'throughline';
  import { correlateCli } from 'throughline/cli';
  import { openRecorder, type Recorder } from 'throughline/hook';
  import { correlatedFetch, correlateHttp } from 'throughline/http';
  import { correlated, stampWriter } from 'throughline/json-rpc';
  import { correlated as correlatedLsp } from 'throughline/lsp';
  import { correlate } from 'throughline/mcp';
  import { readStory } from 'throughline/read';
  import { expectPropagated } from 'throughline/testing';

  const remote: RemoteContext | undefined = extract(inject(Context.begin()));
  export const id: string = Context.begin({ remote }).correlationId;
  export const cli: string = correlateCli({ name: 'tool', env: {} }).context.traceparent;
  export async function host(root: string): Promise<number> {
    const recorder: Recorder = await openRecorder({ role: 'wm', root });
    const result: number = await recorder.run({ action: 'lint' }, async (run) => run.id.length);
    await recorder.close();
    return result + (await readStory({ roots: [root] })).requests.length;
  }
  export const options: object[] = [correlated(), correlatedLsp({ client: 'editor' })];
  export const writer: { write(): void } = stampWriter({ write(): void {} }, { carrier: 'meta' });
  export const middleware: (request: { headers: object }, response: object, next: () => 7) => 7 = correlateHttp({ trust: 'link' });
  export const ask: (url: string) => Promise<string> = correlatedFetch(async (url: string) => url);
  export const front = correlate({ connect: async () => {} }, { client: 'agent' });
  export const check: (options: never) => Promise<unknown> = expectPropagated;
`;

beforeAll(async () => {
  const own = await pack('.');
  packed = own.files.map(({ path }) => path).toSorted();
  tarballs.push(own.filename);
  for (const name of ['jsonc-parser', 'ulid']) {
    tarballs.push((await pack(`./node_modules/${name}`)).filename);
  }
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  writeFileSync(join(project, 'consumer.ts'), consumer);
  writeFileSync(join(project, 'consumer.cts'), consumer.replace(/^ {2}export const/gm, '  const'));
  const options = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  await run('npm', ['install', ...options, ...tarballs.map((name) => `./${name}`)], {
    cwd: project,
    env,
  });
}, 60_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('the packed package', () => {
  test('holds what is needed to use it, and nothing else', () => {
    expect(packed).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'docs/contract.md']),
    );
    const expected =
      /^(?:LICENSE|README\.md|CHANGELOG\.md|package\.json|docs\/[\w-]+\.md|docs\/schemas\/[\w.-]+\.json|dist\/(?:src|adapters)\/[\w/-]+\.(?:d\.ts|js|js\.map)|dist\/src\/cli\/throughline\.cjs|src\/cli\/shell\/hook\.\w+|src\/hook\/finecode\/(?:site\/)?\w+\.py)$/;
    expect(packed.filter((path) => !expected.test(path))).toEqual([]);
  });

  test('installs two packages beside itself', () => {
    expect(
      readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.')),
    ).toEqual(['jsonc-parser', 'throughline', 'ulid']);
  });

  const names = {
    throughline: 'extract',
    'throughline/cli': 'correlateCli',
    'throughline/hook': 'openRecorder',
    'throughline/http': 'correlateHttp',
    'throughline/json-rpc': 'stampWriter',
    'throughline/lsp': 'correlated',
    'throughline/mcp': 'correlate',
    'throughline/read': 'readStory',
    'throughline/testing': 'expectPropagated',
  };

  test('is imported by name, each subpath', async () => {
    const text = `
      for (const [subpath, name] of Object.entries(${JSON.stringify(names)})) {
        const module = await import(subpath);
        console.log(subpath, typeof module[name]);
      }
    `;
    expect((await node('--input-type=module', '-e', text)).trim().split('\n')).toEqual(
      Object.keys(names).map((subpath) => `${subpath} function`),
    );
  });

  test('is required by name, each subpath, without a warning', async () => {
    const text = `
      for (const [subpath, name] of Object.entries(${JSON.stringify(names)})) {
        console.log(subpath, typeof require(subpath)[name]);
      }
    `;
    const args = ['--throw-deprecation', '--input-type=commonjs', '-e', text];
    const { stdout, stderr } = await run(process.execPath, args, { cwd: project, env });
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual(
      Object.keys(names).map((subpath) => `${subpath} function`),
    );
  });

  test('exports no other file', async () => {
    const text = `await import('throughline/dist/src/wal/index.js')`;
    await expect(node('--input-type=module', '-e', text)).rejects.toThrow(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
  });

  test('records a run and reads it back', async () => {
    const text = `
      import { openRecorder } from 'throughline/hook';
      import { readStory } from 'throughline/read';
      const root = ${JSON.stringify(join(project, 'root'))};
      const recorder = await openRecorder({ role: 'wm', root });
      await recorder.run({ action: 'lint' }, async () => undefined);
      await recorder.close();
      const { requests } = await readStory({ roots: [root] });
      const [request] = requests;
      console.log(requests.length, request.what, request.state);
    `;
    expect(await node('--input-type=module', '-e', text)).toBe('1 lint completed\n');
  });

  test('brings its command', async () => {
    const bin = join(project, 'node_modules/.bin/throughline');
    const { stdout } = await run(bin, ['id', '01KAM8VJ5Q3Z9S0V4T6R8Y2XEW'], { cwd: project, env });
    expect(stdout).toContain('019aa88dc8b71fd3906c9a3611e175dc');
    const hook = await run(bin, ['shell-init', 'bash'], { cwd: project, env });
    expect(hook.stdout).toContain('_throughline_prompt');
  });

  test('type-checks in a project without the types of Node, of a DOM or of any SDK', async () => {
    expect(await compile({ lib: ['es2023'] })).toBe('');
  });

  test('type-checks in a project with the compiler’s default libraries', async () => {
    expect(await compile({})).toBe('');
  });

  test('a misuse does not type-check', async () => {
    writeFileSync(
      join(project, 'consumer.ts'),
      `import { openRecorder } from 'throughline/hook';\nawait openRecorder({ roel: 'wm' });\n`,
    );
    const printed = await compile({ lib: ['es2023'] });
    writeFileSync(join(project, 'consumer.ts'), consumer);
    expect(printed).toMatch(/consumer\.ts\(2,\d+\): error TS2353: .*'roel' does not exist/);
  });

  test('has nothing that publint, strictly, finds fault with', async () => {
    const publint = join(repository, 'node_modules/publint/src/cli.js');
    const text = await node(publint, 'run', join(project, tarballs[0] ?? ''), '--strict').catch(
      (error: unknown) => String((error as { stdout?: unknown }).stdout),
    );
    expect(text).toContain('All good!');
  });
});

test('the installed package is the packed one', () => {
  expect(readdirSync(installed)).toContain('dist');
});
