/** Lines without a parse: the same records as `readStream` hands out, and a search that looks at hits alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  readStream,
  scanStream,
  searchStream,
  verifyStream,
  type ReadPort,
  type StreamRef,
} from '../../src/wal/index.js';
import { writerId } from './support/golden.js';
import { statePort } from './support/state-port.js';

const golden = fileURLToPath(new URL('../golden/wal', import.meta.url));
const directory = '/root/wal/wm/stream';

interface Given {
  readonly ref: StreamRef;
  readonly port: ReadPort;
}

function given(files: Readonly<Record<string, Uint8Array>>): Given {
  const entries = new Map<string, Uint8Array | null>([[directory, null]]);
  for (const [name, content] of Object.entries(files)) entries.set(`${directory}/${name}`, content);
  const segments = Object.keys(files);
  return {
    ref: { root: '/root', role: 'wm', writerId, directory, segments },
    port: statePort(entries),
  };
}

function goldenStream(name: string): Given {
  const files = readdirSync(join(golden, name)).filter((file) => file.endsWith('.jsonl'));
  return given(
    Object.fromEntries(files.map((file) => [file, readFileSync(join(golden, name, file))])),
  );
}

async function read({ ref, port }: Given): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const item of readStream(ref, { port })) {
    if (item.kind === 'fault') found.push(JSON.stringify(item.fault));
    else {
      const { record, file, offset, acknowledged } = item;
      found.push(`${file} ${offset} ${record.sequence} ${record.hlc ?? ''} ${acknowledged}`);
    }
  }
  return found;
}

async function scan({ ref, port }: Given): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const batch of scanStream(ref, { port })) {
    for (const item of batch) {
      if (item.kind === 'fault') found.push(JSON.stringify(item.fault));
      else
        found.push(`${item.file} ${item.offset} ${item.sequence} ${item.hlc} ${item.acknowledged}`);
    }
  }
  return found;
}

async function search({ ref, port }: Given, text: string): Promise<readonly (number | string)[]> {
  const found: (number | string)[] = [];
  for await (const items of searchStream(ref, text, { port })) {
    for (const item of items) found.push(item.kind === 'line' ? item.sequence : item.fault.verdict);
  }
  return found;
}

/** A stream of `count` records that were never flushed apart, with what `payloadOf` says in each. */
function made(count: number, payloadOf: (sequence: number) => string): string {
  let prev = '00000000';
  let text = '';
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const type = sequence === 1 ? 'wal.opened' : 'test.marked';
    const head =
      `{"schema_version":2,"sequence":${sequence},"writer_id":"${writerId}",` +
      `"ts":"2026-11-22T10:00:00.000000Z","event_type":"${type}","project_path":"",` +
      `"payload":${payloadOf(sequence)},"hlc":"6C39JG16FX400"` +
      `${sequence === 1 ? ',"synced":0' : ''},"prev":"${prev}"`;
    prev = crc32(head).toString(16).padStart(8, '0');
    text += `${head},"crc":"${prev}"}\n`;
  }
  return text;
}

describe('a scan', () => {
  for (const name of readdirSync(golden)) {
    it(`finds in a golden stream what a reader finds: ${name}`, async () => {
      const stream = goldenStream(name);
      expect(await scan(stream)).toEqual(await read(stream));
    });
  }

  it('cuts lines whole where a block of the file ends, and where a line is longer than a block', async () => {
    const sizes = [10, 400_000, 700_000, 20, 3_000_000, 5, 1_048_576];
    const text = made(40, (sequence) => `{"x":"${'x'.repeat(sizes[sequence % 7] ?? 0)}"}`);
    const stream = given({ 'wal-000001.jsonl': Buffer.from(text, 'latin1') });
    let offset = 0;
    const lines: string[] = [];
    for await (const batch of scanStream(stream.ref, { port: stream.port })) {
      for (const item of batch) {
        if (item.kind === 'fault') continue;
        expect(item.offset).toBe(offset);
        expect(item.bytes).toHaveLength(item.text.length);
        offset += item.text.length + 1;
        lines.push(item.text);
      }
    }
    expect(lines.join('\n') === text.slice(0, -1)).toBe(true);
  });
});

describe('a line that passes its check and is no JSON, which no writer writes', () => {
  const text = made(4, (sequence) => (sequence === 3 ? '{"unended":' : '{}'));
  const stream = given({ 'wal-000001.jsonl': Buffer.from(text, 'latin1') });

  it('is CORRUPT for who parses it, and what follows is read', async () => {
    const faults: string[] = [];
    const sequences: number[] = [];
    for await (const item of readStream(stream.ref, { port: stream.port })) {
      if (item.kind === 'record') sequences.push(item.record.sequence);
      else faults.push(`${item.fault.verdict} ${item.fault.sequenceFrom ?? ''}`);
    }
    expect(sequences).toEqual([1, 2, 4]);
    expect(faults).toEqual(['CORRUPT 3', 'UNSEALED ']);
  });

  it('is a record for verify, which checks bytes and reads no payload', async () => {
    const report = await verifyStream(stream.ref, { port: stream.port });
    expect(report.records).toBe(4);
    expect(report.faults.map(({ verdict }) => verdict)).toEqual(['UNSEALED']);
  });
});

describe('a search', () => {
  it('finds every line that holds the text, and no other', async () => {
    const text = made(200, (sequence) =>
      sequence % 50 === 0 ? '{"id":"needle","again":"needle"}' : `{"x":"${'x'.repeat(20_000)}"}`,
    );
    const stream = given({ 'wal-000001.jsonl': Buffer.from(text, 'latin1') });
    expect(await search(stream, 'needle')).toEqual([50, 100, 150, 200]);
    expect(await search(stream, 'nowhere')).toEqual([]);
    expect(await search(stream, '"sequence":1,')).toEqual([1]);
  });

  it('tells of a line that is damaged and of one without its end, and leaves out one that a later file supersedes', async () => {
    const text = made(5, () => '{"id":"needle"}');
    const damaged = text.replace('"sequence":3', '"sequence":4').slice(0, -1);
    const stream = given({ 'wal-000001.jsonl': Buffer.from(damaged, 'latin1') });
    expect(await search(stream, 'needle')).toEqual([1, 2, 'CORRUPT', 4, 'TORN']);
    const over = goldenStream('failed-over');
    const all = (await scan(over)).filter((line) => !line.startsWith('{'));
    expect(await search(over, '"sequence":')).toHaveLength(all.length);
  });
});
