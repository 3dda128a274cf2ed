/** JSON lines. Each object names its schema; docs/cli.md lists them. */
import { escapedUnseen } from './unseen.js';

/** The object as one line that is the same value when parsed and harmless when shown. */
export function jsonLine(schema: string, fields: object): string {
  return escapedUnseen(JSON.stringify({ schema: `throughline.${schema}`, ...fields }));
}
