/** `run.resolved`: a later incarnation says what became of a run that was lost. */
import type { RecordInput } from '../wal/index.js';
import type { OpenRun } from './recover.js';

export type Resolution = 'abandoned' | 'rerun' | 'done';

/** The record carries the ids of the run it resolves, so that it is shown where that run is. */
export function resolved(
  run: OpenRun,
  resolution: Resolution,
  rerunAs: string | undefined,
): RecordInput {
  return {
    event_type: 'run.resolved',
    project_path: run.projectPath,
    wal_run_id: run.runId,
    action_name: run.action,
    correlation_id: run.correlationId,
    span_id: run.spanId,
    ...(run.parentSpanId === undefined ? {} : { parent_span_id: run.parentSpanId }),
    payload: {
      writer_id: run.writerId,
      wal_run_id: run.runId,
      resolution,
      ...(rerunAs === undefined ? {} : { rerun_as: rerunAs }),
    },
  };
}
