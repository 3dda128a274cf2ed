/** The resource of a writer: one process that wrote one stream. Pure. */
import { isObject, text } from '../../read/entry/entry.js';
import type { StreamReport } from '../../read/index.js';
import { wellFormed } from '../encode/well-formed.js';
import type { Attribute, AttributeValue } from './attributes.js';

/** What is known of a writer from the header of its stream; of one that was not read only its name. */
export function resourceOf(
  writerId: string,
  stream: StreamReport | undefined,
): readonly Attribute[] {
  const role = stream?.role ?? roleIn(writerId);
  const payload = stream?.opened?.['payload'];
  const header = isObject(payload) ? payload : {};
  const pid = header['pid'];
  const given: Readonly<Record<string, AttributeValue | undefined>> = {
    'service.namespace': 'throughline',
    'service.name': `throughline-${role}`,
    'service.instance.id': writerId,
    'host.name': text(header['host']),
    'host.id': text(header['machine']),
    'process.pid': typeof pid === 'number' && Number.isSafeInteger(pid) ? { int: pid } : undefined,
    'throughline.role': role,
    'throughline.stream.condition': stream?.condition,
  };
  return Object.entries(given).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, typeof value === 'string' ? wellFormed(value) : value]],
  );
}

function roleIn(writerId: string): string {
  return /^(.+)-[^-]+$/.exec(writerId)?.[1] ?? 'unknown';
}
