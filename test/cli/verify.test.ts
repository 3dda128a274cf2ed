/** `verify` and `prune` on streams that the real writer wrote. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStream } from '../../src/wal/index.js';
import { throughline } from './bin.js';
import { checked } from './schema.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

let scratch = '';
let root = '';
let file = '';
beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'tl-verify-'));
  root = join(scratch, 'root');
  const stream = await openStream({
    root,
    role: 'wm',
    sync: 'inline',
    checkpointKey: { id: 'k1', privateKey },
  });
  for (const name of ['one', 'two', 'three']) {
    await stream.append({ event_type: 'runner.started', payload: { runner: name } });
  }
  file = join(stream.directory, 'wal-000001.jsonl');
  await stream.close();
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

function flip(offsetFromEnd: number): void {
  const bytes = readFileSync(file);
  const at = bytes.length - offsetFromEnd;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

const objects = checked;

describe('verify', () => {
  it('says of an untouched stream that it is as written, and exits with 0', () => {
    const ran = throughline(['verify', '--root', root]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('as written');
    expect(ran.stdout).toContain('1 stream, none damaged\n');
    expect(objects(throughline(['verify', '--json', '--root', root]).stdout)).toMatchObject([
      { schema: 'throughline.verify/1', result: 'as_written', records: 5, sealed_segments: 1 },
    ]);
  });

  it('says of a torn tail from which record on, and exits with 0', () => {
    writeFileSync(file, readFileSync(file).subarray(0, -10));
    const ran = throughline(['verify', '--root', root]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/· wm….{7}: TORN wal-000001\.jsonl:\d+ \(from sequence 5 on\): /);
    expect(ran.stdout).not.toContain('undefined');
  });

  it('names file, offset and sequence of damage, and exits with 1', () => {
    flip(1200);
    const ran = throughline(['verify', '--root', root]);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/✗ wm….{7}: CORRUPT wal-000001\.jsonl:\d+ \(sequence \d+\): /);
    expect(ran.stdout).toContain('1 stream, 1 damaged\n');
    const [found] = objects(throughline(['verify', '--json', '--root', root]).stdout);
    expect(found).toMatchObject({ result: 'damaged' });
    expect(found?.['faults']).toContainEqual(
      expect.objectContaining({ verdict: 'CORRUPT', file: 'wal-000001.jsonl' }),
    );
  });

  it('checks signatures with a key, and refuses those of another', () => {
    const own = join(scratch, 'own.pem');
    const other = join(scratch, 'other.pem');
    writeFileSync(own, publicKey);
    const stranger = generateKeyPairSync('ed25519').publicKey;
    writeFileSync(other, stranger.export({ type: 'spki', format: 'pem' }));
    expect(throughline(['verify', '--key', own, '--root', root])).toMatchObject({ code: 0 });
    const refused = throughline(['verify', '--key', other, '--root', root]);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain('the seal is not signed with the given key');
  });

  it('finds out with a kept checkpoint that a stream was cut, or taken away', () => {
    const key = join(scratch, 'own.pem');
    const notes = join(scratch, 'notes');
    writeFileSync(key, publicKey);
    const [before] = objects(
      throughline(['verify', '--json', '--key', key, '--root', root]).stdout,
    );
    expect(before).toMatchObject({ signed_to: 4, last: 5 });
    writeFileSync(notes, String(before?.['checkpoint']));
    const asked = ['verify', '--key', key, '--checkpoints', notes, '--root', root];
    expect(throughline(asked)).toMatchObject({ code: 0 });
    const lines = readFileSync(file, 'latin1').split('\n');
    writeFileSync(file, `${lines.slice(0, 3).join('\n')}\n`);
    expect(throughline(['verify', '--key', key, '--root', root])).toMatchObject({ code: 0 });
    const cut = throughline(asked);
    expect(cut.code).toBe(1);
    expect(cut.stdout).toContain(
      'a checkpoint kept elsewhere says that record 4 was durable; the stream ends with 3',
    );
    rmSync(dirname(file), { recursive: true });
    const gone = throughline(asked);
    expect(gone.stderr).toContain('which is not there');
    const noKey = throughline(['verify', '--checkpoints', notes, '--root', root]);
    expect(noKey).toMatchObject({ code: 2, stdout: '' });
    expect(noKey.stderr).toContain('--checkpoints needs --key');
  });

  it('of a key that is none, or a root that is not there, says so in one sentence', () => {
    const key = join(scratch, 'no.pem');
    writeFileSync(key, 'not a key');
    const noKey = throughline(['verify', '--key', key, '--root', root]);
    expect(noKey).toMatchObject({ code: 2, stdout: '' });
    expect(noKey.stderr.split('\n')).toHaveLength(2);
    const noRoot = throughline(['verify', '--root', join(scratch, 'missing')]);
    expect(noRoot).toMatchObject({ code: 3, stdout: '' });
    expect(noRoot.stderr).toBe(`throughline: ${join(scratch, 'missing')} does not exist\n`);
  });
});

describe('prune', () => {
  it('with --dry-run says what would go and removes nothing', () => {
    const ran = throughline(['prune', '--dry-run', '--keep-days', '0', '--root', root]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('1 file would be removed');
    expect(readdirSync(join(root, 'wal'))).toEqual(['wm']);
    expect(readdirSync(join(root, 'wal', 'wm'))).toHaveLength(1);
  });

  it('removes what is finished, and what it removed is on record', () => {
    const removed = objects(
      throughline(['prune', '--json', '--keep-days', '0', '--root', root]).stdout,
    );
    expect(removed).toMatchObject([
      { schema: 'throughline.removal/1', role: 'wm', whole: true, reason: 'age', removed: true },
    ]);
    expect(readdirSync(join(root, 'wal', 'wm'))).toEqual([]);
    const records = throughline(['records', '--json', '--root', root]).stdout;
    expect(records).toContain('"stream.pruned"');
    expect(records).toContain(String(removed[0]?.['stream']));
  });

  it('takes the sealed beginning of a living stream, and nobody calls the rest damaged', async () => {
    const living = await openStream({ root, role: 'er', sync: 'inline', segmentBytesMax: 4096 });
    for (let index = 0; index < 40; index += 1) {
      await living.append({ event_type: 'runner.started', payload: { runner: `r${index}` } });
    }
    const before = readdirSync(living.directory).length;
    expect(throughline(['prune', '--keep-days', '0', '--root', root])).toMatchObject({ code: 0 });
    const after = readdirSync(living.directory).length;
    const verified = throughline(['verify', '--root', root]);
    const read = throughline(['records', '--root', root]);
    await living.close();
    expect(before).toBeGreaterThan(2);
    expect(after).toBeLessThan(before);
    expect(verified).toMatchObject({ code: 0 });
    expect(verified.stdout).toContain('none damaged');
    expect(read.stdout).not.toContain('MISSING');
    expect(read.stdout).not.toContain('DAMAGED');
  });

  it('keeps everything that is young', () => {
    const ran = throughline(['prune', '--root', root]);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stdout).toContain('nothing removed');
    expect(readdirSync(join(root, 'wal'))).toEqual(['wm']);
  });

  it('refuses a number that is none', () => {
    expect(throughline(['prune', '--keep-days', 'soon', '--root', root])).toMatchObject({
      code: 2,
      stderr: 'throughline: --keep-days takes a whole number, not "soon"\n',
    });
  });
});
