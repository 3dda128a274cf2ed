/** What the FIELD of FIELD=VALUE may be. A field that there is not would match nothing, which reads like an answer. */
import { parseMatch, type FieldMatch, type State } from '../read/index.js';
import { UsageError } from './command.js';
import { didYouMean } from './did-you-mean.js';

export interface Fields {
  /** Whose they are, with its article. */
  readonly of: string;
  /** Paths, as they are written. */
  readonly names: readonly string[];
  /** Members below which there may be anything. */
  readonly open: readonly string[];
  /** Of a field that has few values, all of them. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

export const states: readonly State[] = [
  'completed',
  'failed',
  'cancelled',
  'rejected',
  'in_flight',
  'lost',
  'unknown',
];

/** Of what `throughline.run/1` holds: `runs`, `stats`, and `export` of anything but records. */
export const runFields: Fields = {
  of: 'a run',
  names: [
    'correlation_id',
    'trace_id',
    'entry_span_id',
    'state',
    'why',
    'started',
    'ended',
    'duration_ms',
    'via',
    'client',
    'what',
    'spans',
    'open',
    'lost',
    'unknown',
    'streams',
    'records',
    'effects',
    'effects_inferred',
    'answered',
    'resolution',
    'links.trace_id',
    'links.span_id',
    'last.event',
    'last.ts',
    'join',
    'candidates.trace_id',
    'candidates.span_id',
    'end_inferred',
  ],
  open: [],
  values: { state: states },
};

/** Of `throughline.inflight/1`. */
export const openFields: Fields = {
  of: 'an open span',
  names: [
    'correlation_id',
    'trace_id',
    'entry_span_id',
    'span_id',
    'kind',
    'name',
    'state',
    'why',
    'since',
    'writer_id',
    'wal_run_id',
    'last.event',
    'last.ts',
    'waits_for.writer_id',
    'waits_for.span_id',
    'waits_for.state',
    'waits_for_unseen',
    'via',
    'client',
    'what',
  ],
  open: [],
  values: {
    state: ['in_flight', 'lost', 'unknown'],
    kind: ['run', 'dispatch', 'handler', 'other'],
    'waits_for.state': states,
  },
};

/** Of a record, as docs/format.md has it, and of the stream it is in. */
export const recordFields: Fields = {
  of: 'a record',
  names: [
    'event_type',
    'role',
    'writer_id',
    'root',
    'sequence',
    'ts',
    'hlc',
    'project_path',
    'wal_run_id',
    'action_name',
    'trigger',
    'dev_env',
    'env_name',
    'correlation_id',
    'span_id',
    'parent_span_id',
    'links',
    'schema_version',
    'synced',
    'prev',
    'crc',
  ],
  open: ['payload', 'origin', 'peer'],
  values: {},
};

/** Reads the matches. Throws `UsageError` for what is none, and for a field or value that there is not. */
export function matchesOf(texts: readonly string[], fields: Fields): readonly FieldMatch[] {
  return texts.map((text) => {
    const match = parseMatch(text);
    if (match === undefined) {
      throw new UsageError(
        `"${text.slice(0, 80)}" is not FIELD=VALUE, such as state=failed: FIELD is a member of what --json prints`,
      );
    }
    mustBeThere(match, fields);
    return match;
  });
}

function mustBeThere({ field, value }: FieldMatch, { of, names, open, values }: Fields): void {
  const [first = ''] = field.split('.');
  // What holds others is one itself: `waits_for=null`.
  const isThere = names.some((name) => name === field || name.startsWith(`${field}.`));
  if (!open.includes(first) && !isThere) {
    const anything = open.map((name) => `${name}.NAME`);
    throw new UsageError(
      `no field of ${of} is called "${field.slice(0, 80)}"${didYouMean(field, names) || ':'} there are ${[...names, ...anything].join(', ')}`,
    );
  }
  const there = values[field];
  if (there === undefined || there.includes(value)) return;
  throw new UsageError(
    `no ${field} of ${of} is "${value.slice(0, 80)}"${didYouMean(value, there) || ':'} there are ${there.join(', ')}`,
  );
}
