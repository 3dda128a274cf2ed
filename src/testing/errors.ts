/** The error of a front that does not propagate, written to be read in a test runner's output. */
import { ThroughlineError } from '../context/index.js';
import type { Finding, FindingKind, PropagationReport } from './types.js';

/** Code `PROPAGATION_BROKEN`. */
export class PropagationError extends ThroughlineError {
  readonly report: PropagationReport;

  constructor(report: PropagationReport) {
    super('PROPAGATION_BROKEN', describeReport(report));
    this.report = report;
  }
}

/** Lines shown of each kind; the report has all. */
const shownMax = 5;

const meanings: Readonly<Record<FindingKind, string>> = {
  unheard: 'never reached the workspace manager',
  lost: 'reached the workspace manager without an id',
  foreign: "carried another call's id",
  environment: 'carried the id of the environment the server was started under',
  wrong: 'carried an id that nobody sent',
  shared: 'had no id of their own and shared one root',
};

function describeReport(report: PropagationReport): string {
  const { calls, messages, findings, failures } = report;
  const lines = [
    `The front does not carry correlation ids right: ${findings.length} findings ` +
      `(${calls} calls, ${messages} messages at the workspace manager).`,
  ];
  for (const [kind, meaning] of Object.entries(meanings)) {
    const ofKind = findings.filter((finding) => finding.kind === kind);
    if (ofKind.length === 0) continue;
    lines.push(`  ${kind}: ${ofKind.length} ${meaning}`, ...ofKind.slice(0, shownMax).map(line));
    if (ofKind.length > shownMax) lines.push(`    … and ${ofKind.length - shownMax} more`);
  }
  if (failures.length > 0) {
    lines.push(`  The front failed ${failures.length} calls itself, first: ${failures[0] ?? ''}`);
  }
  return lines.join('\n');
}

function line(finding: Finding): string {
  const parts = [
    `    ${finding.marker}:`,
    finding.method ?? '',
    `sent ${finding.expected ?? 'no id'},`,
    `arrived ${finding.actual ?? 'none'}`,
    finding.owner === undefined ? '' : `(of ${finding.owner})`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}
