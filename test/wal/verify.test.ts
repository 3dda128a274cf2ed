/** What `verifyStream` finds beyond the chain: segments that are not what their seals and successors say. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  listStreams,
  openStream,
  verifyStream,
  type Stream,
  type VerifyReport,
} from '../../src/wal/index.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'throughline-verify-'));
});

afterEach(() => rmSync(root, { recursive: true }));

function pair(): { readonly privateKey: string; readonly publicKey: string } {
  return generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

async function write(privateKey?: string): Promise<Stream> {
  const stream = await openStream({
    root,
    role: 'wm',
    sync: 'inline',
    segmentBytesMax: 1500,
    ...(privateKey === undefined ? {} : { checkpointKey: { id: 'k1', privateKey } }),
  });
  for (let count = 0; count < 9; count += 1) {
    await stream.append({ event_type: 'test.marked', payload: { count } });
  }
  await stream.close();
  return stream;
}

async function verify(publicKey?: string): Promise<VerifyReport> {
  const [ref] = await listStreams(root);
  return await verifyStream(ref!, { publicKey });
}

/** Rewrites every check after a change, as somebody would who knows the format and not the key. */
function forge(stream: Stream, from: string, to: string): void {
  let prev = '00000000';
  for (const file of readdirSync(stream.directory)) {
    const path = join(stream.directory, file);
    const lines = readFileSync(path, 'latin1').replace(from, to).split('\n').slice(0, -1);
    const forged = lines.map((line) => {
      const head = line.slice(0, -36) + `,"prev":"${prev}"`;
      prev = crc32(Buffer.from(head, 'latin1')).toString(16).padStart(8, '0');
      return `${head},"crc":"${prev}"}\n`;
    });
    writeFileSync(path, forged.join(''), 'latin1');
  }
}

it('finds nothing in a whole stream, and counts', async () => {
  await write();
  const report = await verify();
  expect(report.faults).toEqual([]);
  expect(report.records).toBeGreaterThan(12);
  expect(report.sealedSegments).toBeGreaterThan(1);
});

it('finds a change whose checks were all written anew, by the digest', async () => {
  const stream = await write();
  forge(stream, '"count":3', '"count":4');
  const { faults } = await verify();
  expect(faults.map(({ verdict }) => verdict)).toContain('CORRUPT');
  expect(faults.map(({ message }) => message).join()).toMatch(/is not what .* says of it/);
});

it('accepts seals of the given key', async () => {
  const { privateKey, publicKey } = pair();
  await write(privateKey);
  const report = await verify(publicKey);
  expect(report.faults).toEqual([]);
  expect(report.signedSegments).toBe(report.sealedSegments);
});

it('refuses unsigned seals, and those of another key', async () => {
  await write(pair().privateKey);
  const report = await verify(pair().publicKey);
  expect(report.signedSegments).toBe(0);
  expect(report.faults[0]?.message).toBe('the seal is not signed with the given key');
  await expect(verify('no key')).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
});
