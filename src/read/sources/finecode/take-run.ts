/** What one record adds to what is known of its run. */
import { embeddedIn, type FineCodeRecord } from './record.js';
import { saw, type RunFacts } from './run-facts.js';
import type { Tokens } from './tokens.js';

interface Facts {
  readonly runs: RunFacts;
  readonly tokens: Tokens;
}

/** Takes note of a record of a run; returns the run's row. */
export function takeRun(
  { runs, tokens }: Facts,
  record: FineCodeRecord,
  runId: string,
  isWm: boolean,
): number {
  const row = runs.rowOf(record, runId);
  const { event, payload, microseconds } = record;
  const embedded = embeddedIn(payload);
  if (embedded !== undefined) runs.embed(row, embedded, isWm);
  if (microseconds !== undefined) {
    const isEarlier = !(microseconds >= runs.startedAt(row)) && !runs.has(row, saw.wmAccepted);
    runs.tell(row, microseconds, event === 'run.accepted' && (isWm || isEarlier));
  }
  if (isWm) takeWm(runs, row, record);
  else takeEr({ runs, tokens }, row, record);
  return row;
}

function takeWm(runs: RunFacts, row: number, { event, payload, action }: FineCodeRecord): void {
  if (event !== 'run.dispatched') runs.mark(row, saw.wm);
  switch (event) {
    case 'run.accepted':
      runs.mark(row, saw.wmAccepted);
      runs.setText(row, 'action', action);
      if (typeof payload['params_hash'] === 'string') runs.setHash(row, payload['params_hash']);
      break;
    case 'run.dispatched': {
      runs.add(row, 'dispatched');
      const env = typeof payload['env_name'] === 'string' ? payload['env_name'] : '';
      runs.setText(row, 'envs', `${runs.text(row, 'envs')}${env}\n`.slice(-1000));
      break;
    }
    case 'run.completed':
      runs.add(row, 'completed');
      break;
    case 'run.failed':
    case 'run.rejected':
      runs.add(row, 'failed');
      break;
    default:
  }
}

function takeEr(
  { runs, tokens }: Facts,
  row: number,
  { event, payload, action }: FineCodeRecord,
): void {
  runs.mark(row, saw.er);
  // Of a nested run in the same process the records have the outer run's id and another action.
  if (action !== runs.text(row, 'action')) return;
  if (event === 'run.accepted') {
    runs.add(row, 'erAccepted');
    if ('partial_result_token' in payload) runs.mark(row, saw.wholeAction);
    tokens.take(row, payload);
  } else if (event === 'run.completed' || event === 'run.failed') {
    runs.add(row, 'erEnded');
    if (event === 'run.failed') runs.mark(row, saw.erFailed);
  }
}
