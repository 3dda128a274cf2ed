/**
 * `throughline run`: gives a command an id and gets out of its way. Writes nothing, reads nothing, and can reach
 * neither the reader nor the WAL. Standard streams are inherited and never looked at.
 */
import { basename } from 'node:path';
import {
  Context,
  extractEnv,
  injectEnv,
  parseTraceparent,
  type Origin,
  type Trust,
} from '../../context/index.js';
import { childEnd } from '../../protocol/child/index.js';
import { exitAs } from '../child.js';
import { UsageError, type Given } from '../command.js';
import { isFinecode, pythonPath } from '../finecode/environment.js';
import { hookDirectory } from '../hook-directory.js';
import { tell } from '../tell.js';

const hookTimes: ReadonlySet<string> = new Set(['auto', 'always', 'never']);
const originKeys: ReadonlySet<string> = new Set(['front', 'method', 'name', 'client']);

export async function execute(given: Given): Promise<number> {
  const [file, ...args] = given.command;
  if (file === undefined || file === '') {
    throw new UsageError('no command is given: throughline run [OPTION…] -- COMMAND [ARGUMENT…]');
  }
  // A carrier is replaced whole: what came with ours is not left beside what goes to the command.
  const { TRACEPARENT: _parent, TRACESTATE: _state, BAGGAGE: _baggage, ...env } = process.env;
  if (given.flag('detach-context')) {
    refuseBeside(given, ['name', 'origin', 'trust', 'print-id', 'finecode']);
    return exitAs(await childEnd({ file, args, env, stdio: 'inherit' }));
  }
  const context = Context.begin({
    remote: extractEnv(process.env),
    trust: trustOf(given.value('trust')),
    origin: originOf(given, file),
  });
  if (given.flag('print-id')) printId(context);
  const more = { ...injectEnv(context), ...hookEnv(given, file, args) };
  return exitAs(await childEnd({ file, args, env: { ...env, ...more }, stdio: 'inherit' }));
}

/** What has Python load the FineCode hook. It hands the id on where FineCode does not (docs/finecode.md). */
function hookEnv(given: Given, file: string, args: readonly string[]): Record<string, string> {
  const when = given.value('finecode') ?? 'auto';
  if (!hookTimes.has(when)) {
    throw new UsageError(`--finecode is auto, always or never, not "${when}"`);
  }
  if (when === 'never' || (when === 'auto' && !isFinecode(file, args))) return {};
  const path = pythonPath(process.env['PYTHONPATH'], hookDirectory);
  if (path !== undefined) return { PYTHONPATH: path };
  tell(`the FineCode hook is not loaded: PYTHONPATH cannot name ${hookDirectory}`);
  return {};
}

function refuseBeside(given: Given, names: readonly string[]): void {
  const name = names.find((one) => given.flag(one) || given.value(one) !== undefined);
  if (name === undefined) return;
  throw new UsageError(`--detach-context gives the command no id: --${name} means nothing with it`);
}

function printId(context: Context): void {
  const given = process.env['TRACEPARENT'];
  const note =
    given === undefined || given === '' || parseTraceparent(given) !== undefined
      ? ''
      : ' (TRACEPARENT was not valid: new root)';
  tell(`${context.correlationId} ${context.traceparent}${note}`);
}

function trustOf(value: string | undefined): Trust {
  if (value === undefined) return 'join';
  if (value === 'join' || value === 'link' || value === 'ignore') return value;
  throw new UsageError(`--trust is join, link or ignore, not "${value}"`);
}

function originOf(given: Given, file: string): Origin {
  const origin: Record<string, string> = {
    front: 'cli',
    name: given.value('name') ?? basename(file),
  };
  for (const pair of given.values('origin')) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, Math.max(equals, 0));
    if (!originKeys.has(key)) {
      throw new UsageError(
        `--origin is KEY=VALUE with the key front, method, name or client, not "${pair}"`,
      );
    }
    origin[key] = pair.slice(equals + 1);
  }
  return origin;
}
