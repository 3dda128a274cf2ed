/** A root with one request of every kind, always the same: what the golden files are made from. */
import { correlation, RunRecords, StreamFile, type Fields } from '../read/stream-file.js';
import { elsewhere } from '../read/here.js';

const mcp = { front: 'mcp', method: 'tools/call', name: 'run_checks', client: 'claude-code' };
const lsp = { front: 'lsp', method: 'textDocument/codeAction', name: 'format', client: 'vscode' };
const cli = { front: 'cli', name: 'workbench', client: 'workbench/1.2.0' };
const exit1 = { class: 'ExitError', message: 'exit 1' };

/** Writes the streams under `root`. */
export function writeJournal(root: string): void {
  const wm = new StreamFile(root, 'wm', '7F3A');
  const er = new StreamFile(root, 'er', 'E001');
  completed(wm, er);
  failed(wm, er);
  small(wm);
  wm.seal(90_000).write();
  er.seal(90_000).write();
  lost(root);
  unknown(root);
}

/** A tool call that runs checks in the ER, which asks the WM for one of them again. */
function completed(wm: StreamFile, er: StreamFile): void {
  const id = correlation('R8Y2XEW');
  const outer = run(wm, id, 0x12, 0x11, 'check', mcp).accepted(0).dispatched(2, 0x13, 'er-checks');
  const checks = run(er, id, 0x14, 0x13, 'check', mcp).accepted(5);
  for (let own = 0; own < 4; own += 1) {
    checks.handler(10 + own * 5, 0x20 + own, 'oxlint');
    checks.handlerEnd(14 + own * 5, 0x20 + own, 'oxlint', 4 + own);
  }
  checks.handler(40, 0x30, 'nested').dispatched(42, 0x31, 'wm', 1, 0x30);
  const nested = run(wm, id, 0x32, 0x31, 'format', mcp).accepted(45).handler(50, 0x33, 'oxfmt');
  nested.effect(60, 0x33, '/ws/src/a.ts', 'a'.repeat(64));
  nested.handlerEnd(70, 0x33, 'oxfmt', 20).completed(75, 30);
  checks.handlerEnd(80, 0x30, 'nested', 40).completed(85, 80);
  outer.completed(90, 90);
}

function failed(wm: StreamFile, er: StreamFile): void {
  const id = correlation('6T3MZQ9');
  const links = [{ trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331' }];
  const outer = run(wm, id, 0x42, 0x41, 'format', lsp);
  outer.add(1000, 'run.accepted', { durability: 'barrier' }, { links });
  outer.dispatched(1002, 0x43, 'er-py');
  const inner = run(er, id, 0x44, 0x43, 'format', lsp).accepted(1010);
  inner.handler(1020, 0x45, 'ruff_format').handlerEnd(1034, 0x45, 'ruff_format', 14, exit1);
  inner.failed(1040, 30, exit1);
  outer.failed(1050, 50, { class: 'RunFailed', message: 'format failed' });
}

/** Rejected, cancelled, and one that says things a terminal would act upon. */
function small(wm: StreamFile): void {
  run(wm, correlation('AAAA111'), 0x52, 0x51, 'lint', cli).add(2000, 'run.rejected', {
    code: 'BUSY',
    reason: 'too many runs',
  });
  run(wm, correlation('BBBB222'), 0x62, 0x61, 'lint', lsp)
    .accepted(3000)
    .add(3010, 'run.cancel_requested', { reason: 'superseded by a keystroke' })
    .add(3200, 'run.cancelled', { duration_ms: 200, answered: false });
  const hostile = { front: 'mcp', method: 'tools/call', name: 'x\u001b[31mred\u202e\u009b2J' };
  run(wm, correlation('CCCC333'), 0x72, 0x71, 'lint\u0007', hostile)
    .accepted(4000)
    .failed(4010, 10, { class: 'Error', message: 'line\nbreak \u001b]0;title\u0007' });
}

/** An ER that was closed with a handler open; its WM waits on another machine. */
function lost(root: string): void {
  const er = new StreamFile(root, 'er', 'E002');
  run(er, correlation('9G7XJ2C'), 0x82, 0x81, 'format', cli)
    .accepted(5000)
    .handler(5010, 0x83, 'slow_format');
  er.seal(6000).write();
}

function unknown(root: string): void {
  const wm = new StreamFile(root, 'wm', 'F4A2', { header: elsewhere });
  run(wm, correlation('0PW4K1D'), 0x92, 0x91, 'typecheck', cli)
    .accepted(7000)
    .dispatched(7001, 0x93, 'er-far')
    .add(7002, 'partial_result.first_sent');
  wm.write(20);
}

function run(
  stream: StreamFile,
  correlationId: string,
  own: number,
  parent: number,
  action: string,
  origin: Fields,
): RunRecords {
  return new RunRecords(stream, { correlationId, span: own, parent, action, origin });
}
