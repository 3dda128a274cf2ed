/** The option `--inject` of the proxies. */
import type { Inject } from '../../adapters/proxies/index.js';
import { UsageError } from './command.js';

/** Default `meta`: of 39 language servers that were tried, all take it. */
export function injectOf(value: string | undefined): Inject {
  if (value === undefined) return 'meta';
  if (value === 'meta' || value === 'w3c' || value === 'params-meta' || value === 'none') {
    return value;
  }
  throw new UsageError(`--inject is meta, w3c, params-meta or none, not "${value}"`);
}
