import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { correlateCli } from '../../adapters/cli/index.js';
import { setProcessContext } from '../../src/context/scope.js';
import { plainEnv } from './bin.js';

const fixture = fileURLToPath(new URL('fixtures/whole-process.mjs', import.meta.url));
const traceId = '0af7651916cd43dd8448eb211c80319c';
const sent = `00-${traceId}-b7ad6b7169203331-01`;

afterEach(() => setProcessContext(undefined));

function runFixture(env: NodeJS.ProcessEnv, flags: readonly string[] = [], cwd?: string): Seen {
  const ran = spawnSync(process.execPath, [...flags, fixture], {
    encoding: 'utf8',
    env: { ...plainEnv, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  expect(ran.stderr).toBe('');
  expect(ran.status).toBe(0);
  return JSON.parse(ran.stdout) as Seen;
}

interface Seen {
  readonly own: string;
  readonly parent: string | null;
  readonly childEnv: { readonly TRACEPARENT: string; readonly TRACESTATE: string };
  readonly [where: string]: unknown;
}

describe('correlateCli', () => {
  it('covers the whole process: timers, imports, exit handlers', () => {
    const seen = runFixture({});
    expect(seen).toMatchObject({
      atOnce: seen.own,
      afterAwait: seen.own,
      inTimer: seen.own,
      inImported: seen.own,
      inRun: seen.own,
      atExit: seen.own,
      inNone: null,
      childEnvOfChild: true,
      parent: null,
    });
    expect(seen.childEnv.TRACEPARENT).toMatch(new RegExp(`^00-[0-9a-f]{32}-${seen.own}-03$`));
    expect(seen.childEnv.TRACESTATE).toMatch(/^tl=[0-9A-Z]{13};cli;;workbench;workbench\/1\.2\.0$/);
  });

  it('takes TRACEPARENT as its parent', () => {
    const seen = runFixture({ TRACEPARENT: sent, TRACESTATE: 'vendor=1' });
    expect(seen.parent).toBe('b7ad6b7169203331');
    expect(seen.childEnv.TRACEPARENT).toBe(`00-${traceId}-${seen.own}-01`);
    expect(seen.childEnv.TRACESTATE).toMatch(/,vendor=1$/);
  });

  it('works without write permission, and writes nothing', () => {
    const cwd = mkdtempSync(join(tmpdir(), 'tl-cli-'));
    const flag = process.versions.node.startsWith('20.')
      ? '--experimental-permission'
      : '--permission';
    try {
      const seen = runFixture({}, [flag, '--allow-fs-read=*', '--no-warnings'], cwd);
      expect(seen.atOnce).toBe(seen.own);
      expect(readdirSync(cwd)).toEqual([]);
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });

  it.each([
    ['no TRACEPARENT', {}],
    ['one that is not valid', { TRACEPARENT: 'nonsense' }],
    ['one of zeros', { TRACEPARENT: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }],
  ])('begins a root with %s', (_, env) => {
    const { context } = correlateCli({ name: 'x', env });
    expect(context.isRoot).toBe(true);
    expect(context.flags).toBe(3);
  });

  it('links to a TRACEPARENT that it is told not to join', () => {
    const { context } = correlateCli({ name: 'x', env: { TRACEPARENT: sent }, trust: 'link' });
    expect(context.isRoot).toBe(true);
    expect(context.links).toEqual([{ traceId, spanId: 'b7ad6b7169203331' }]);
  });

  it('takes an active OpenTelemetry span as its parent before TRACEPARENT', () => {
    const active = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
    const otel = {
      context: { active: () => undefined },
      trace: { getSpanContext: () => active },
    };
    const { context } = correlateCli({ name: 'x', env: { TRACEPARENT: sent }, otel });
    expect(context.parentSpanId).toBe('b'.repeat(16));
  });

  it.each([
    ['nothing', undefined],
    ['an environment that throws', { name: 'x', env: hostile() }],
    ['a name that is no string', { name: 7, version: Symbol('v') }],
  ])('never throws into its host, given %s', (_, options) => {
    const cli = correlateCli(options as unknown as Parameters<typeof correlateCli>[0]);
    expect(cli.run(() => 7)).toBe(7);
    expect(cli.childEnv()['TRACEPARENT']).toMatch(/^00-/);
  });

  it('lets what the program throws through', () => {
    const cli = correlateCli({ name: 'x', env: {} });
    expect(() =>
      cli.run(() => {
        throw new TypeError('mine');
      }),
    ).toThrow(new TypeError('mine'));
  });
});

function hostile(): Record<string, string> {
  return new Proxy(
    {},
    {
      get: () => {
        throw new Error('no');
      },
    },
  );
}
