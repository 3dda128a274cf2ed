/** The platform under the demo: the built workspace manager as a real process, and the environment its fronts get. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Platform {
  readonly root: string;
  readonly workspace: string;
  readonly port: number;
  /** What a front is started with: the port, and nothing of the streams. */
  readonly frontEnv: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface PlatformOptions {
  readonly workspace: string;
  readonly root: string;
  /** Further Node options for the WM and its ERs: how a test plants a fault. */
  readonly nodeOptions?: readonly string[];
}

/** By name and not by a relative path: the same from the source and from the built program. */
export const repository: string = dirname(
  createRequire(import.meta.url).resolve('throughline/package.json'),
);

/** The built program, such as `fronts/mcp.js`. */
export function program(path: string): string {
  return join(repository, 'dist/docs/examples/workbench', path);
}

/** Our own environment without what would make everything one request. */
export function plainEnv(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    const isOurs = name.startsWith('THROUGHLINE_') || name.startsWith('WORKBENCH_');
    const isCarrier = name === 'TRACEPARENT' || name === 'TRACESTATE';
    if (value !== undefined && !isOurs && !isCarrier && name !== 'NODE_OPTIONS') env[name] = value;
  }
  return env;
}

export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { workspace, root, nodeOptions = [] } = options;
  const args = [program('wm/main.js'), '--workspace', workspace, '--root', root];
  const child = spawn(process.execPath, args, {
    env: {
      ...plainEnv(),
      ...(nodeOptions.length === 0 ? {} : { NODE_OPTIONS: nodeOptions.join(' ') }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const ready = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    closed.then(() => undefined),
  ]);
  if (ready === undefined) throw new Error('the workspace manager did not start');
  const { port } = JSON.parse(String(ready[0])) as { port: number };
  return {
    root,
    workspace,
    port,
    frontEnv: { ...plainEnv(), WORKBENCH_PORT: String(port) },
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
    },
  };
}
