import { describe, expect, it } from 'vitest';
import { HybridClock } from '../../src/context/index.js';
import { encodeBody } from '../../src/wal/record/encode.js';
import type { RecordInput } from '../../src/wal/types.js';

const optional: readonly Partial<RecordInput>[] = [
  { wal_run_id: '01KAKV3M90000ZPT3QWX5C7D8E' },
  { action_name: 'lint' },
  { env_name: 'a "quoted" name' },
  { correlation_id: 'with \\ and \u00e9' },
  { span_id: '7c0f2b91d4000001' },
  { parent_span_id: '' },
  { links: [{ trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7' }] },
  { peer: { role: 'er' } },
];

function fieldsOf(record: RecordInput): unknown {
  const { text } = encodeBody(record, new HybridClock(), '/project', 10_000);
  const {
    ts: _ts,
    hlc: _hlc,
    ...fields
  } = JSON.parse(`{${text.slice(1)}}`) as Record<string, unknown>;
  return fields;
}

describe('a record', () => {
  it('is written with exactly the fields it has, whichever they are', () => {
    for (let chosen = 0; chosen < 2 ** optional.length; chosen += 1) {
      const fields = optional.filter((_, index) => (chosen >> index) % 2 === 1);
      const record = Object.assign(
        { event_type: 'run.dispatched', project_path: '/project', payload: { text: 'x' } },
        ...fields,
      ) as RecordInput;
      expect(fieldsOf(record)).toEqual(record);
    }
  });

  it.each([
    {},
    { text: 'a' },
    { text: 'a', more: 'b' },
    { text: 'a', count: 1 },
    { count: 1, text: 'a' },
    { text: 'a', left: undefined, nothing: null, is: true, not: false },
    { inner: {}, text: 'a', deeper: { text: 'b', deepest: { count: -1.5 } }, last: '' },
    { text: 'a "quoted" one', list: ['a', 1] },
  ])('has the payload it was given: %j', (payload) => {
    const record = { event_type: 'run.dispatched', project_path: '/project', payload };
    expect(fieldsOf(record)).toEqual(JSON.parse(JSON.stringify(record)));
  });
});
