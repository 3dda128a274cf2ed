/** Readers of one stream: ours that verifies it, and loops that do less, for comparison. One run is one whole pass. */
import { crc32 } from 'node:zlib';
import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { listStreams, readStream } from '../../../../dist/src/wal/index.js';
import { verifyStream } from '../../../../dist/src/wal/verify/verify.js';
import { eachLine, segmentsUnder } from '../lines.mjs';

const readers = {
  /** Everything `throughline` checks: checks, chain, sequence, seals and their hashes. */
  async verify(root) {
    let records = 0;
    for (const ref of await listStreams(root)) {
      const report = await verifyStream(ref);
      records += report.records;
      if (report.faultCount > 0) throw new Error(JSON.stringify(report.faults));
    }
    return records;
  },
  /** What the command line reads with: checked, and parsed. */
  async readStream(root) {
    let records = 0;
    for (const ref of await listStreams(root)) {
      for await (const item of readStream(ref)) {
        if (item.kind === 'fault') throw new Error(JSON.stringify(item.fault));
        records += 1;
      }
    }
    return records;
  },
  /** Each line's check and its predecessor's, and nothing else. */
  crc(root) {
    let records = 0;
    let before = '00000000';
    for (const file of segmentsUnder(root)) {
      eachLine(file, (chunk, start, end) => {
        const crc = chunk.latin1Slice(end - 10, end - 2);
        const prev = chunk.latin1Slice(end - 27, end - 19);
        if (
          crc32(chunk.subarray(start, end - 18)) !== Number.parseInt(crc, 16) ||
          prev !== before
        ) {
          // The header of a next segment follows the seal of the one before; it was written first.
          if (!chunk.latin1Slice(start, end).includes('"wal.opened"')) throw new Error('damage');
        }
        before = crc;
        records += 1;
      });
    }
    return records;
  },
  /** The fastest plain loop: chunks, indexOf, one-byte characters, JSON.parse. */
  parse(root) {
    let records = 0;
    for (const file of segmentsUnder(root)) {
      eachLine(file, (chunk, start, end) => {
        if (JSON.parse(chunk.latin1Slice(start, end)).sequence > 0) records += 1;
      });
    }
    return records;
  },
  /** The usual loop: readline and JSON.parse. */
  async readline(root) {
    let records = 0;
    for (const file of segmentsUnder(root)) {
      for await (const line of createInterface({ input: createReadStream(file) })) {
        if (JSON.parse(line).sequence > 0) records += 1;
      }
    }
    return records;
  },
};

export function open({ directory, reader }) {
  const bytes = segmentsUnder(directory).reduce((sum, file) => sum + statSync(file).size, 0);
  return {
    async run() {
      const records = await readers[reader](directory);
      return { records, bytes, rssMb: process.resourceUsage().maxRSS / 1024 };
    },
    close: () => undefined,
  };
}
