/** The life of a proxied workspace manager: how clients find it, how it ends, and what is left behind. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alive, startProxy, until, type Proxy } from '../../proxies/core/proxy.js';
import { hasProc } from '../../support/process.js';
import {
  Client,
  fakeWm,
  found,
  makeVenv,
  portIn,
  startFront,
  type Front,
  type FrontOptions,
  type Venv,
} from './wm.js';

/** A venv of its own for one test, and the proxies in it, which end with the test. */
class Lab {
  readonly venv: Venv = makeVenv();
  readonly #running = new Set<Proxy>();

  track<Started extends Proxy>(proxy: Started): Started {
    this.#running.add(proxy);
    void proxy.ended.then(() => this.#running.delete(proxy));
    return proxy;
  }

  async front(options: FrontOptions = {}): Promise<Front> {
    return found(this.track(startFront(this.venv, options)), this.venv);
  }

  /** What stands in the folder of the port file. */
  left(): readonly string[] {
    return readdirSync(dirname(this.venv.portFile));
  }

  async close(): Promise<void> {
    for (const proxy of this.#running) proxy.process.kill('SIGINT');
    await Promise.all([...this.#running].map(({ ended }) => ended));
    this.venv.remove();
  }
}

function inLab(use: (lab: Lab) => Promise<void>): () => Promise<void> {
  return async () => {
    const lab = new Lab();
    try {
      await use(lab);
    } finally {
      await lab.close();
    }
  };
}

async function pidOf(proxy: Proxy): Promise<number> {
  const read = (): RegExpExecArray | null => /listening as (\d+)/.exec(proxy.stdout().toString());
  await until(
    () => read() !== null,
    () => proxy.stdout().toString() + proxy.stderr(),
  );
  return Number(read()?.[1]);
}

/** Whatever else listens on a port. */
async function somebody(): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { port, close: () => server.close() };
}

/** A WM that clients find, and a proxy that steps before it. */
async function wmAndFront(lab: Lab) {
  const { portFile, folder } = lab.venv;
  const args = [fakeWm, 'start-wm-server', '--port-file', portFile];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  await until(
    () => portIn(portFile) !== undefined,
    () => 'the WM writes its port',
  );
  const port = portIn(portFile) ?? 0;
  const started = startProxy(['proxy', 'finecode', '--venv', folder, '--attach']);
  return { child, port, proxy: await found(lab.track(started), lab.venv) };
}

describe.concurrent('the port file', () => {
  it(
    'names the proxy and not the WM, and is gone with all others when the WM has ended',
    inLab(async (lab) => {
      const proxy = await lab.front();
      const client = await Client.connect(proxy.port);
      expect(lab.left().toSorted()).toEqual(['wm_port', `wm_port.wm-${proxy.pid}`]);
      expect(portIn(`${lab.venv.portFile}.wm-${proxy.pid}`)).not.toBe(proxy.port);
      client.send('{"method": "server/exit", "params": {"code": 3}}');
      expect(await proxy.ended).toEqual({ code: 3, signal: null });
      await client.closed;
      expect(lab.left()).toEqual([]);
      expect(proxy.stderr()).toBe('');
    }),
  );

  it(
    'that is stale is replaced, and what a killed proxy left is taken away',
    inLab(async (lab) => {
      const ended = spawnSync(process.execPath, ['-e', '']);
      writeFileSync(lab.venv.portFile, '1');
      writeFileSync(`${lab.venv.portFile}.wm-${ended.pid}`, '2');
      const proxy = await lab.front();
      expect(proxy.stderr()).toBe(
        `throughline: ${lab.venv.portFile} named port 1, where nobody listens: it is replaced\n`,
      );
      expect(lab.left()).not.toContain(`wm_port.wm-${ended.pid}`);
    }),
  );

  it(
    'that is empty, as its writer leaves it for a moment, is no port file',
    inLab(async (lab) => {
      writeFileSync(lab.venv.portFile, '');
      expect((await lab.front()).stderr()).toBe('');
    }),
  );

  it(
    'of another living WM is left alone, and nothing is started',
    inLab(async (lab) => {
      const { port, close } = await somebody();
      writeFileSync(lab.venv.portFile, String(port));
      const proxy = startFront(lab.venv);
      expect(await proxy.ended).toEqual({ code: 125, signal: null });
      expect(proxy.stderr()).toBe(
        `throughline: a workspace manager listens on port ${port} (${lab.venv.portFile}): end it, or stand before it with --attach\n`,
      );
      expect([proxy.stdout().toString(), portIn(lab.venv.portFile)]).toEqual(['', port]);
      close();
    }),
  );

  it.each([
    ['a folder', 'no regular file', (file: string) => mkdirSync(file)],
    ['a link', 'no regular file', (file: string) => symlinkSync('/nowhere', file)],
    ['a text', 'without a port in it', (file: string) => writeFileSync(file, 'mine')],
    [
      'a number that is no port',
      'without a port in it',
      (file: string) => writeFileSync(file, '70000'),
    ],
  ])('that is %s is in the way, and left alone', (_, what, make) =>
    inLab(async (lab) => {
      make(lab.venv.portFile);
      const proxy = startFront(lab.venv);
      expect(await proxy.ended).toEqual({ code: 125, signal: null });
      expect(proxy.stderr()).toBe(`throughline: ${lab.venv.portFile} is in the way: ${what}\n`);
      expect(lab.left()).toEqual(['wm_port']);
    })(),
  );

  it(
    'that somebody else has taken meanwhile is not removed, and that is said once',
    inLab(async (lab) => {
      const proxy = await lab.front();
      writeFileSync(lab.venv.portFile, '4');
      await until(
        () => proxy.stderr() !== '',
        () => 'a word about it',
      );
      const client = await Client.connect(proxy.port);
      client.send('{"method": "server/exit", "params": {"code": 0}}');
      expect(await proxy.ended).toEqual({ code: 0, signal: null });
      expect(portIn(lab.venv.portFile)).toBe(4);
      expect(proxy.stderr()).toBe(
        `throughline: ${lab.venv.portFile} names port 4 now: another workspace manager was started, and new clients go there\n`,
      );
    }),
  );

  it(
    'that another WM wrote while ours was starting stays: ours is ended',
    inLab(async (lab) => {
      const { port, close } = await somebody();
      const go = `${lab.venv.folder}/go`;
      const proxy = startFront(lab.venv, { wm: ['--wait-for', go] });
      await until(
        () => proxy.stdout().toString() === 'waiting\n',
        () => proxy.stderr(),
      );
      writeFileSync(lab.venv.portFile, String(port));
      writeFileSync(go, '');
      expect(await proxy.ended).toEqual({ code: 125, signal: null });
      expect(proxy.stderr()).toContain(`a workspace manager listens on port ${port}`);
      expect(portIn(lab.venv.portFile)).toBe(port);
      close();
    }),
  );

  it(
    'is made with its folder in a fresh venv',
    inLab(async (lab) => {
      rmSync(dirname(dirname(lab.venv.portFile)), { recursive: true });
      expect((await lab.front()).port).toBeGreaterThan(0);
    }),
  );
});

describe.concurrent('the command', () => {
  it(
    'may name its own port file',
    inLab(async (lab) => {
      const own = `${lab.venv.folder}/own-port`;
      const proxy = await lab.front({ wm: [`--port-file=${own}`] });
      expect(portIn(own)).not.toBe(proxy.port);
      expect(lab.left()).toEqual(['wm_port']);
    }),
  );

  it(
    'may not name the one that clients read',
    inLab(async (lab) => {
      const proxy = startFront(lab.venv, { wm: ['--port-file', lab.venv.portFile] });
      expect(await proxy.ended).toEqual({ code: 125, signal: null });
      expect(proxy.stderr()).toBe(
        'throughline: --port-file names the file that clients read: leave it out\n',
      );
    }),
  );

  it(
    'that is not there ends with 127, and one that ends before it listens with its code',
    inLab(async (lab) => {
      const gone = startProxy([
        'proxy',
        'finecode',
        '--venv',
        lab.venv.folder,
        '--',
        'no-such-python',
      ]);
      expect(await gone.ended).toEqual({ code: 127, signal: null });
      const early = startProxy([
        'proxy',
        'finecode',
        '--venv',
        lab.venv.folder,
        '--',
        'sh',
        '-c',
        'exit 5',
      ]);
      expect(await early.ended).toEqual({ code: 5, signal: null });
      expect(lab.left()).toEqual([]);
    }),
  );

  it(
    'needs a venv',
    inLab(async () => {
      const proxy = startProxy(['proxy', 'finecode', '--venv', '/', '--', 'true']);
      expect(await proxy.ended).toEqual({ code: 125, signal: null });
      expect(proxy.stderr()).toBe('throughline: / is no venv: it has no pyvenv.cfg\n');
    }),
  );
});

describe.concurrent('the end', () => {
  it(
    'is the WM’s own: without clients it stops, and so do we',
    inLab(async (lab) => {
      const proxy = await lab.front({ wm: ['--disconnect-timeout', '0.05'] });
      const client = await Client.connect(proxy.port);
      await client.close();
      expect(await proxy.ended).toEqual({ code: 0, signal: null });
      expect(lab.left()).toEqual([]);
    }),
  );

  it(
    'comes also when no client ever was there',
    inLab(async (lab) => {
      const proxy = startFront(lab.venv, { wm: ['--no-client-timeout', '0.05'] });
      expect(await proxy.ended).toEqual({ code: 0, signal: null });
      expect(lab.left()).toEqual([]);
    }),
  );

  it.each(['SIGTERM', 'SIGINT', 'SIGUSR1'] as const)('after %s is the WM’s', (signal) =>
    inLab(async (lab) => {
      const proxy = await lab.front();
      const client = await Client.connect(proxy.port);
      proxy.process.kill(signal);
      const ends = {
        SIGTERM: { code: null, signal: 'SIGTERM' },
        SIGINT: { code: 130, signal: null },
        SIGUSR1: { code: 7, signal: null },
      };
      expect(await proxy.ended).toEqual(ends[signal]);
      await client.closed;
      expect(lab.left()).toEqual([]);
    })(),
  );

  it(
    'of a WM that is killed is death of the same signal, with no port file left',
    inLab(async (lab) => {
      const proxy = await lab.front();
      const client = await Client.connect(proxy.port);
      process.kill(await pidOf(proxy), 'SIGKILL');
      expect(await proxy.ended).toEqual({ code: null, signal: 'SIGKILL' });
      await client.closed;
      expect(lab.left()).toEqual([]);
    }),
  );

  it(
    'of a WM begins when it listens no more: the port file is gone before it is, and who is connected stays so',
    inLab(async (lab) => {
      const proxy = await lab.front();
      const client = await Client.connect(proxy.port);
      await client.result('server/deaf', '{}');
      const late = await Client.connect(proxy.port);
      await late.closed;
      await until(
        () => portIn(lab.venv.portFile) === undefined,
        () => proxy.stderr(),
      );
      expect(await client.result('server/echo', '{}')).toBeDefined();
      proxy.process.kill('SIGINT');
      await proxy.ended;
      await client.closed;
      expect(lab.left()).toEqual([]);
    }),
  );

  it.runIf(hasProc)(
    'of the proxy by SIGKILL leaves no WM behind, and a stale file',
    inLab(async (lab) => {
      const proxy = await lab.front();
      const wm = await pidOf(proxy);
      const client = await Client.connect(proxy.port);
      proxy.process.kill('SIGKILL');
      await client.closed;
      await until(
        () => alive(wm).length === 0,
        () => `${wm} lives on`,
        5000,
      );
      // FineCode's clients ask whether somebody listens there, and so do we.
      expect(portIn(lab.venv.portFile)).toBe(proxy.port);
      const next = await lab.front();
      expect(next.port).not.toBe(proxy.port);
    }),
  );
});

describe.concurrent('attached to a WM that runs', () => {
  it(
    'it gives ids, and the port file back at its end',
    inLab(async (lab) => {
      const { child, port, proxy } = await wmAndFront(lab);
      const client = await Client.connect(proxy.port);
      const result = await client.result('actions/run', '{"actionSource": "demo.Echo"}');
      expect(result['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/);
      proxy.process.kill('SIGTERM');
      expect(await proxy.ended).toEqual({ code: null, signal: 'SIGTERM' });
      expect(portIn(lab.venv.portFile)).toBe(port);
      child.kill('SIGKILL');
    }),
  );

  it(
    'it ends when the WM ends, and no port file is left',
    inLab(async (lab) => {
      const { proxy } = await wmAndFront(lab);
      const client = await Client.connect(proxy.port);
      client.send('{"method": "server/exit", "params": {"code": 0}}');
      expect(await proxy.ended).toEqual({ code: 0, signal: null });
      expect(lab.left()).toEqual([]);
    }),
  );

  it(
    'it ends with the first client that finds a killed WM',
    inLab(async (lab) => {
      const { child, proxy } = await wmAndFront(lab);
      const gone = new Promise((settle) => child.once('exit', settle));
      child.kill('SIGKILL');
      await gone;
      const client = await Client.connect(proxy.port);
      await client.closed;
      expect(await proxy.ended).toEqual({ code: 0, signal: null });
      expect(lab.left()).toEqual([]);
    }),
  );

  it(
    'it says so when none runs',
    inLab(async (lab) => {
      const args = ['proxy', 'finecode', '--venv', lab.venv.folder, '--attach'];
      const none = startProxy(args);
      expect(await none.ended).toEqual({ code: 125, signal: null });
      expect(none.stderr()).toBe(
        `throughline: no workspace manager runs: it names no port (${lab.venv.portFile}); name a command behind -- to start one\n`,
      );
      writeFileSync(lab.venv.portFile, '1');
      const stale = startProxy(args);
      expect(await stale.ended).toEqual({ code: 125, signal: null });
      expect(stale.stderr()).toContain('nobody listens on port 1');
      expect(portIn(lab.venv.portFile)).toBe(1);
    }),
  );
});
