/** What `proxy finecode` and `record finecode` share: which workspace manager it is, and how it is reached. */
import { attachFinecode } from '../../adapters/finecode/attach.js';
import { proxyFinecode, type FinecodeProxyOptions } from '../../adapters/finecode/proxy.js';
import { portFileOf, venvOf } from '../../adapters/finecode/venv.js';
import type { End } from '../protocol/child/index.js';
import { UsageError, type Given } from './command.js';
import { serverCommand } from './proxying.js';

type FrontOptions = Pick<FinecodeProxyOptions, 'env' | 'makeTap' | 'onStart' | 'warn'>;

/** Reads the arguments; returns what stands before the workspace manager until it has ended. */
export function finecodeFront(given: Given, name: string): (options: FrontOptions) => Promise<End> {
  const venv = given.value('venv');
  const workspace = process.cwd();
  const { env } = process;
  if (given.flag('attach')) {
    if (given.command.length > 0) {
      throw new UsageError('there is either --attach or a command behind --, not both');
    }
    const portFile = portFileOf(venvOf({ venv, file: undefined, env, workspace }));
    return (options) => attachFinecode({ ...options, portFile });
  }
  const { file, args } = serverCommand(given, `${name} [OPTION…] -- COMMAND [ARGUMENT…]`);
  const portFile = portFileOf(venvOf({ venv, file, env, workspace }));
  return (options) => proxyFinecode({ ...options, file, args, portFile, output: process.stdout });
}
