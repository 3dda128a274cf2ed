/**
 * `expectPropagated`: whether a front carries each call's id to the workspace manager, found out the only way that
 * counts: real processes, many calls at once, ids compared call by call. It knows no test runner, and nothing is
 * written to disk.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ThroughlineError } from '../context/index.js';
import { compare, type Arrived, type Made } from './compare.js';
import { driveCommand, driveServer, type Driven } from './drive.js';
import { PropagationError } from './errors.js';
import { startFakeWm, type FakeWm } from './fake-wm.js';
import type { PropagationOptions, PropagationReport } from './types.js';

const timeoutMsDefault = 30_000;
/** A front may answer first and tell the workspace manager afterwards. */
const settleMsMax = 1000;
const settlePollMs = 20;

/**
 * Starts a fake workspace manager and the front, makes the calls, and compares.
 *
 * @throws PropagationError `PROPAGATION_BROKEN` with every wrong, lost and foreign id, in words.
 * @throws ThroughlineError `FRONT_FAILED` when the front does not start, exits early or does not answer in time.
 */
export async function expectPropagated(options: PropagationOptions): Promise<PropagationReport> {
  const timeoutMs = options.timeoutMs ?? timeoutMsDefault;
  const wm = await startFakeWm(options);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(tooLate(timeoutMs, wm)), timeoutMs);
  try {
    const { made, failures, environment } = await drive(options, wm, abort.signal);
    await settle(made, wm.arrived);
    const findings = compare(made, wm.arrived, environment);
    const report = { calls: made.length, messages: wm.arrived.length, findings, failures };
    if (findings.length > 0) throw new PropagationError(report);
    return report;
  } finally {
    clearTimeout(timer);
    await wm.close();
  }
}

function drive(options: PropagationOptions, wm: FakeWm, signal: AbortSignal): Promise<Driven> {
  return options.protocol === 'cli'
    ? driveCommand(options, wm.address, signal)
    : driveServer(options, wm.address, signal);
}

function tooLate(timeoutMs: number, wm: FakeWm): ThroughlineError {
  return new ThroughlineError(
    'FRONT_FAILED',
    `The front did not finish within ${timeoutMs} ms; ` +
      `${wm.arrived.length} messages had reached the workspace manager.`,
  );
}

async function settle(made: readonly Made[], arrived: readonly Arrived[]): Promise<void> {
  for (let waitedMs = 0; waitedMs < settleMsMax; waitedMs += settlePollMs) {
    const heard = new Set(arrived.map((message) => message.marker));
    if (made.every((call) => heard.has(call.marker))) return;
    await pause(settlePollMs);
  }
}
