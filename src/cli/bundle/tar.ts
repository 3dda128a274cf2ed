/** A tar archive (ustar) of a few small files: what `tar -xzf` unpacks anywhere. */
import { gzipSync } from 'node:zlib';

export interface PackedFile {
  /** Relative, with slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const block = 512;
const nameMax = 100;

/** The files as a .tar.gz. */
export function tarGz(files: readonly PackedFile[], modifiedMs: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { path, bytes } of files) {
    parts.push(header(path, bytes.length, modifiedMs), bytes);
    parts.push(new Uint8Array((block - (bytes.length % block)) % block));
  }
  // Two empty blocks end the archive.
  parts.push(new Uint8Array(2 * block));
  return gzipSync(Buffer.concat(parts));
}

function header(path: string, bytes: number, modifiedMs: number): Uint8Array {
  const { name, prefix } = split(path);
  const head = Buffer.alloc(block);
  head.write(name, 0);
  head.write(octal(0o600, 7), 100);
  head.write(octal(0, 7), 108);
  head.write(octal(0, 7), 116);
  head.write(octal(bytes, 11), 124);
  head.write(octal(Math.floor(modifiedMs / 1000), 11), 136);
  head.write(' '.repeat(8), 148);
  head.write('0', 156);
  head.write('ustar\u000000', 257, 'latin1');
  head.write(prefix, 345);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${octal(sum, 6)}\u0000 `, 148, 'latin1');
  return head;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** A path of over 100 bytes is cut at a slash. */
function split(path: string): { readonly name: string; readonly prefix: string } {
  if (path.length <= nameMax) return { name: path, prefix: '' };
  const at = path.indexOf('/', path.length - nameMax - 1);
  return { name: path.slice(at + 1), prefix: path.slice(0, at) };
}
