/** A reader in Python, written from docs/format.md, says the same of every golden stream. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCheckpoints, verifyStream } from '../../src/wal/index.js';
import { can } from './support/child.js';
import { writerId } from './support/golden.js';
import { testPublicKey } from './support/keys.js';
import { spell } from './support/read-all.js';

const golden = fileURLToPath(new URL('../golden/wal', import.meta.url));
const reader = fileURLToPath(new URL('../interop/wal/read.py', import.meta.url));
const key = join(golden, 'checkpointed', 'key.pem');
const note = join(golden, 'checkpointed', 'note.txt');

function ask(name: string, ...more: readonly string[]): unknown {
  const options = ['-B', reader, join(golden, name), writerId, ...more];
  return JSON.parse(execFileSync('python3', options, { encoding: 'utf8' }));
}

/** What we say of a stream with the key and, for the stream it is about, the note. */
async function verify(name: string, notes: string): Promise<unknown> {
  const directory = join(golden, name);
  const segments = readdirSync(directory).filter((file) => file.endsWith('.jsonl'));
  const ref = { root: golden, role: 'wm', writerId, directory, segments };
  const checkpoints = readCheckpoints(notes, testPublicKey);
  const report = await verifyStream(ref, { publicKey: testPublicKey, checkpoints });
  return { signed_to: report.signedTo, faults: report.faults.map(spell).sort() };
}

describe.skipIf(!can('the reader in another language', 'python3', '-c', ''))('in Python', () => {
  for (const name of readdirSync(golden)) {
    it(`the golden stream is read as expected: ${name}`, () => {
      const expected: unknown = JSON.parse(
        readFileSync(join(golden, name, 'expected.json'), 'utf8'),
      );
      expect(ask(name)).toEqual(expected);
    });

    it(`the golden stream is verified as here, with digests, signatures and a kept checkpoint: ${name}`, async () => {
      const isAbout = name.startsWith('checkpointed');
      const said = ask(name, key, ...(isAbout ? [note] : [])) as {
        readonly signed_to: number;
        readonly faults: readonly string[];
      };
      const { signed_to, faults } = said;
      const ours = await verify(name, isAbout ? readFileSync(note, 'utf8') : '');
      expect({ signed_to, faults: faults.toSorted() }).toEqual(ours);
    });
  }

  it('a cut between two records is found out with the note, and not without', () => {
    const unsealed = 'UNSEALED wal-000001.jsonl at 1532+0 ..4';
    expect(ask('checkpointed-cut', key)).toMatchObject({ signed_to: 2, faults: [unsealed] });
    expect(ask('checkpointed-cut', key, note)).toMatchObject({
      faults: ['GAP wal-000001.jsonl at 0+0 5..5', unsealed],
    });
  });
});
