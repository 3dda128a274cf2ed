/** What the recorders of servers say of a server's end, and of a record that is not whole. */
import type { Recorder } from '../hook/index.js';
import type { End } from '../protocol/child/index.js';
import { tell } from './tell.js';

/** For the runs that a server left without an answer. */
export function howItEnded(end: End): Record<string, string | number> {
  if ('error' in end) return {};
  return 'code' in end ? { exit_code: end.code } : { signal: end.signal };
}

export function recordEnd(recorder: Recorder, runner: string, end: End): void {
  if ('error' in end) recorder.recordRunner('failed', { runner, error: end.error });
  else if ('code' in end) recorder.recordRunner('stopped', { runner, exitCode: end.code });
  else recorder.recordRunner('stopped', { runner, signal: end.signal });
}

/** One line on stderr when nothing is recorded, or less than there was. */
export function sayWhatIsMissing(recorder: Recorder): void {
  const { recordsLost, stream } = recorder.metrics();
  const why = stream.lastError ?? 'no error was reported';
  if (recorder.writerId === '') tell(`nothing is recorded: ${why}`);
  else if (recordsLost > 0) tell(`the record is incomplete: ${why}`);
}
