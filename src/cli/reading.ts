/**
 * What all commands that print a view have in common: on a terminal the output goes through a pager. Never in a pipe,
 * never for JSON, never for a view that goes on.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { exitCode, type Given } from './command.js';
import { printTo } from './text.js';

export type Execute = (given: Given) => Promise<number>;

/** The command, through a pager where there is somebody to turn pages. */
export function paged(execute: Execute): Execute {
  return async (given) => {
    if (!process.stdout.isTTY || given.flag('json') || given.flag('follow')) return execute(given);
    const pager = await startPager(process.env);
    return pager === undefined ? execute(given) : page(pager, () => execute(given));
  };
}

/** The pager's command line: `$PAGER`, else less; `undefined` where none is wanted. */
export function pagerCommand(env: NodeJS.ProcessEnv): readonly string[] | undefined {
  const given = env['PAGER'] ?? 'less';
  if (env['TERM'] === 'dumb' || given.trim() === '' || given.trim() === 'cat') return undefined;
  // What has a quote or a pipe in it is for a shell; everything else is started without one, to see if it is there.
  return /["'$|;&<>\\]/.test(given) ? ['sh', '-c', given] : given.trim().split(/\s+/);
}

async function startPager(env: NodeJS.ProcessEnv): Promise<ChildProcess | undefined> {
  const [file, ...args] = pagerCommand(env) ?? [];
  if (file === undefined) return undefined;
  const child = spawn(file, args, {
    stdio: ['pipe', 'inherit', 'inherit'],
    // Quit if one screen is enough, keep colours, leave the screen as it is.
    env: { LESS: 'FRX', LV: '-c', ...env },
  });
  return new Promise((settle) => {
    child.once('spawn', () => settle(child));
    child.once('error', () => settle(undefined));
  });
}

async function page(pager: ChildProcess, execute: () => Promise<number>): Promise<number> {
  const { stdin } = pager;
  // The terminal sends Ctrl-C to both of us, and it is the pager's: without us it would be left with the screen.
  process.on('SIGINT', ignore);
  let isDone = false;
  const ended = new Promise<void>((settle) => {
    pager.once('close', () => {
      // Whoever leaves the pager early has seen enough.
      if (!isDone) process.exit(exitCode.ok);
      settle();
    });
  });
  stdin?.on('error', ignore);
  printTo((text) => {
    if (stdin?.writable === true) stdin.write(text);
  });
  try {
    return await execute();
  } finally {
    isDone = true;
    stdin?.end();
    await ended;
    printTo(undefined);
    process.removeListener('SIGINT', ignore);
  }
}

function ignore(): void {
  // Nothing to do.
}

/** The worse of two exit codes: what could not be read outweighs a finding, for there may be more. */
export function worse(code: number, isFinding: boolean): number {
  return code === exitCode.ok && isFinding ? exitCode.finding : code;
}
