/** What FIELD=VALUE may name. A field that there is not would match nothing, and an empty list reads like an answer. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openFields, recordFields, runFields } from '../../src/cli/fields.js';
import { call } from './in-process.js';
import { schemas } from './reference.js';

const ofRuns =
  'there are correlation_id, trace_id, entry_span_id, state, why, started, ended, duration_ms, via, client, what, spans, open, lost, unknown, streams, records, effects, effects_inferred, answered, resolution, links.trace_id, links.span_id, last.event, last.ts, join, candidates.trace_id, candidates.span_id, end_inferred';
const ofOpen =
  'there are correlation_id, trace_id, entry_span_id, span_id, kind, name, state, why, since, writer_id, wal_run_id, last.event, last.ts, waits_for.writer_id, waits_for.span_id, waits_for.state, waits_for_unseen, via, client, what';
const ofRecords =
  'there are event_type, role, writer_id, root, sequence, ts, hlc, project_path, wal_run_id, action_name, trigger, dev_env, env_name, correlation_id, span_id, parent_span_id, links, schema_version, synced, prev, crc, payload.NAME, origin.NAME, peer.NAME';
const ofStates = 'there are completed, failed, cancelled, rejected, in_flight, lost, unknown';
const records = ['--format', 'jsonl', '--table', 'records'];

describe('a field that there is not', () => {
  it.each([
    [
      ['runs', 'status=failed'],
      `no field of a run is called "status", did you mean "state"? ${ofRuns}`,
    ],
    [
      ['runs', 'last.events=x', '-f'],
      `no field of a run is called "last.events", did you mean "last.event"? ${ofRuns}`,
    ],
    [['runs', 'via=mcp', 'role=er'], `no field of a run is called "role": ${ofRuns}`],
    [['stats', 'waht=x'], `no field of a run is called "waht", did you mean "what"? ${ofRuns}`],
    [['inflight', 'handler=x'], `no field of an open span is called "handler": ${ofOpen}`],
    [
      ['records', 'event=run.failed'],
      `no field of a record is called "event", did you mean "event_type"? ${ofRecords}`,
    ],
    [
      ['records', '@0', 'env=x', '-f'],
      `no field of a record is called "env", did you mean "dev_env" or "env_name"? ${ofRecords}`,
    ],
    [
      ['export', '--format', 'csv', 'event_type=run.failed'],
      `no field of a run is called "event_type": ${ofRuns}`,
    ],
    [
      ['export', ...records, 'state=failed'],
      `no field of a record is called "state": ${ofRecords}`,
    ],
    [['runs', 'state=fialed'], `no state of a run is "fialed", did you mean "failed"? ${ofStates}`],
    [
      ['inflight', 'state=failed'],
      'no state of an open span is "failed": there are in_flight, lost, unknown',
    ],
  ])(
    'gets one sentence with those that there are, before anything is read: %j',
    async (args, sentence) => {
      await expect(call(...args, '--root', '/nonexistent')).rejects.toMatchObject({
        name: 'UsageError',
        message: sentence,
      });
    },
  );

  it.each([
    ['records', 'payload.anything.at-all=x'],
    ['records', 'origin.client=zed'],
    ['export', ...records, 'peer.pid=1'],
    ['runs', 'last.event=run.failed'],
    ['inflight', 'waits_for.writer_id=er-1'],
    // A member that holds others is one itself, and is null or empty at times.
    ['inflight', 'waits_for=null'],
    ['runs', 'links=x'],
  ])('is not what a record or a member may have: %s %s', async (...args) => {
    // What is wrong then is the root.
    expect(await call(...args, '--root', '/nonexistent')).toMatchObject({ code: 3 });
  });
});

describe('the fields that there are', () => {
  it.each([
    ['run/1', runFields],
    ['inflight/1', openFields],
  ])('are the members that %s publishes', (name, { names }) => {
    const published = Object.keys(schemas().get(name)?.properties ?? {});
    const first = new Set(names.map((path) => path.replace(/\..*/, '')));
    expect([...first].sort()).toEqual(published.filter((one) => one !== 'schema').sort());
  });

  it('are the members that docs/format.md says a record has, and the two of its stream', () => {
    const page = readFileSync('docs/format.md', 'utf8');
    const table = page.slice(page.indexOf('| member '), page.indexOf('A reader keeps members'));
    const documented = table
      .split('\n')
      .slice(2)
      .flatMap((row) => row.split('|')[1]?.match(/[a-z_]+/g) ?? []);
    const { names, open } = recordFields;
    expect([...names, ...open].sort()).toEqual([...documented, 'role', 'root'].sort());
  });
});
