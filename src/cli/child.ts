/** An end like our child's, and the reason on stderr when there was none to be had. */
import { constants } from 'node:os';
import { startFailure, type End } from '../protocol/child/index.js';
import { tell } from './tell.js';

/** Ends as the child did: returns its exit code, or dies of its signal. Says why nothing could be started. */
export function exitAs(end: End): number {
  if ('code' in end) return end.code;
  if ('error' in end) return explainStart(end.error, end.file);
  // Our parent must see what the child died of, as it would without us.
  process.kill(process.pid, end.signal);
  // Node ignores some signals for good (SIGPIPE); a shell reports those so.
  return 128 + (constants.signals[end.signal] ?? 0);
}

function explainStart(error: NodeJS.ErrnoException, file: string): number {
  switch (error.code) {
    case 'ENOENT':
      tell(`${file}: command not found`);
      break;
    case 'EACCES':
      tell(`${file}: permission denied, or not a program`);
      break;
    default:
      tell(`${file}: cannot be started: ${error.message}`);
  }
  return startFailure(error);
}
