/** The life of a proxied server: it ends as it would without us, we end as it does, and nobody is left behind. */
import { describe, expect, it } from 'vitest';
import { hasProc } from '../../support/process.js';
import { alive, fixture, proxyTo, until, watchdogs, type Proxy } from './proxy.js';

const { execPath: node } = process;

function sh(script: string): readonly string[] {
  return ['sh', '-c', script];
}

async function said(proxy: Proxy, pattern: RegExp): Promise<RegExpExecArray> {
  const read = (): RegExpExecArray | null => pattern.exec(proxy.stdout().toString());
  await until(
    () => read() !== null,
    () => `${String(pattern)} in ${proxy.stdout().toString()}${proxy.stderr()}`,
  );
  return read() as RegExpExecArray;
}

describe.concurrent('a proxy ends as its server', () => {
  it('with its exit code', async () => {
    const proxy = proxyTo(sh('exit 3'));
    expect(await proxy.ended).toEqual({ code: 3, signal: null });
    expect(proxy.stderr()).toBe('');
  });

  it.each(['SIGKILL', 'SIGSEGV', 'SIGTERM', 'SIGINT', 'SIGABRT'] as const)(
    'of the signal that ended it: %s',
    async (signal) => {
      const proxy = proxyTo(sh(`kill -${signal.slice(3)} $$; sleep 5`));
      expect(await proxy.ended).toEqual({ code: null, signal });
    },
  );

  it('with 127 and one line for a server that is not there', async () => {
    const proxy = proxyTo(['no-such-server']);
    expect(await proxy.ended).toEqual({ code: 127, signal: null });
    expect(proxy.stderr()).toBe('throughline: no-such-server: command not found\n');
  });

  it('with 126 for one that is no program', async () => {
    const proxy = proxyTo(['/dev/null']);
    expect(await proxy.ended).toEqual({ code: 126, signal: null });
    expect(proxy.stderr()).toBe('throughline: /dev/null: permission denied, or not a program\n');
  });

  it('with 125 when no server is named', async () => {
    const proxy = proxyTo([]);
    expect(await proxy.ended).toEqual({ code: 125, signal: null });
    expect(proxy.stderr()).toMatch(/^throughline: no server is given: throughline proxy mcp /);
  });

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const)(
    'and passes %s on to it, whose code it is then',
    async (signal) => {
      const trap = `trap 'echo caught; exit 7' ${signal.slice(3)}; echo ready; while :; do sleep 0.05; done`;
      const proxy = proxyTo(sh(trap));
      await said(proxy, /ready/);
      proxy.process.kill(signal);
      expect(await proxy.ended).toEqual({ code: 7, signal: null });
      expect(proxy.stdout().toString()).toBe('ready\ncaught\n');
    },
  );
});

describe.concurrent('a client that ends its input', () => {
  it('ends a server that ends on EOF, at once, and has all that it says then', async () => {
    const proxy = proxyTo(sh('cat >/dev/null; echo bye; exit 4'));
    const startedMs = performance.now();
    proxy.process.stdin.end('one\n');
    expect(await proxy.ended).toEqual({ code: 4, signal: null });
    expect(proxy.stdout().toString()).toBe('bye\n');
    expect(performance.now() - startedMs).toBeLessThan(1900);
  });

  it('ends a server that ignores EOF by SIGTERM, after two seconds', async () => {
    const startedMs = performance.now();
    const proxy = proxyTo(sh('echo ready; while :; do sleep 0.1; done'));
    await said(proxy, /ready/);
    proxy.process.stdin.end();
    expect(await proxy.ended).toEqual({ code: null, signal: 'SIGTERM' });
    expect(performance.now() - startedMs).toBeGreaterThan(1900);
  });

  it('ends one that ignores SIGTERM, too, by SIGKILL, and its children with it', async () => {
    const proxy = proxyTo([node, fixture('stubborn.mjs')]);
    const [, server = ''] = await said(proxy, /(\d+) \d+/);
    proxy.process.stdin.end();
    expect(await proxy.ended).toEqual({ code: null, signal: 'SIGKILL' });
    if (hasProc) expect(alive(Number(server))).toEqual([]);
  });

  it('waits for a server that still has something to say', async () => {
    const proxy = proxyTo(sh('for i in 1 2 3 4; do sleep 0.9; echo $i; done'));
    proxy.process.stdin.end();
    expect(await proxy.ended).toEqual({ code: 0, signal: null });
    expect(proxy.stdout().toString()).toBe('1\n2\n3\n4\n');
  });

  it('has five megabytes that the server wrote just before its end', async () => {
    const script = "process.stdout.write('x'.repeat(5e6) + '\\n', () => process.exit(6))";
    const proxy = proxyTo([node, '-e', script]);
    expect(await proxy.ended).toEqual({ code: 6, signal: null });
    expect(proxy.stdout().length).toBe(5_000_001);
  });
});

describe.runIf(hasProc).concurrent('nobody is left within five seconds', () => {
  it.each(['deaf', 'eof'])('of SIGKILL to the proxy: server %s', async (mode) => {
    const proxy = proxyTo([node, fixture('stubborn.mjs'), mode]);
    const [, server = '', child = ''] = await said(proxy, /(\d+) (\d+)/);
    expect(alive(Number(server))).toEqual(expect.arrayContaining([Number(server), Number(child)]));
    // Its input stays open, as with a client that is killed, too, but whose end somebody else holds.
    proxy.process.kill('SIGKILL');
    await until(
      () => alive(Number(server)).length === 0,
      () => `${alive(Number(server)).join(' ')} live on`,
      5000,
    );
  });

  it('of SIGKILL to the proxy’s whole process group', async () => {
    const proxy = proxyTo([node, fixture('stubborn.mjs')]);
    const [, server = ''] = await said(proxy, /(\d+) \d+/);
    const [watchdog = 0] = watchdogs(proxy.pid);
    expect(watchdog).toBeGreaterThan(0);
    process.kill(-proxy.pid, 'SIGKILL');
    await until(
      () => alive(Number(server)).length === 0 && alive(watchdog).length === 0,
      () => 'somebody lives on',
      5000,
    );
  });

  it('of SIGKILL to the server, of which its children know nothing', async () => {
    const proxy = proxyTo([node, fixture('stubborn.mjs')]);
    const [, server = ''] = await said(proxy, /(\d+) \d+/);
    process.kill(Number(server), 'SIGKILL');
    expect(await proxy.ended).toEqual({ code: null, signal: 'SIGKILL' });
    await until(
      () => alive(Number(server)).length === 0,
      () => `${alive(Number(server)).join(' ')} live on`,
      5000,
    );
  });

  it('of a server’s own end: no watchdog stays', async () => {
    const proxy = proxyTo(sh('echo ready; read -r line'));
    await said(proxy, /ready/);
    const [watchdog = 0] = watchdogs(proxy.pid);
    expect(watchdog).toBeGreaterThan(0);
    proxy.process.stdin.end('\n');
    expect(await proxy.ended).toEqual({ code: 0, signal: null });
    await until(
      () => alive(watchdog).length === 0,
      () => 'the watchdog lives on',
      1000,
    );
  });
});
