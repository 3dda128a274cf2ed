/** What is wrong with FineCode's own record of itself. Pure. */
import type { Finding } from '../../finding.js';
import type { Joins } from './join.js';
import type { Survey } from './survey.js';

export function findingsOf(_of: {
  readonly survey: Survey;
  readonly joins: Joins;
}): readonly Finding[] {
  return [];
}
