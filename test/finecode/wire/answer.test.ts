/** What an error that FineCode answers with says of the run, by the texts of FineCode 35df506. */
import { describe, expect, it } from 'vitest';
import { endOfAnswer, FinecodeResults } from '../../../src/hook/proxied/finecode-answer.js';

function executionOf(error: unknown): unknown {
  const message = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, error }));
  return endOfAnswer(message, new FinecodeResults()).ending['execution'];
}

describe('an error that FineCode answers with', () => {
  it.each([
    "Action boom failed in /ws (dev): Running action handler 'boom' failed(Run 8): no",
    "Action with source 'demo_ext.MissingAction' not found in project '/ws'",
  ])('is what became of the run: %s', (message) => {
    expect(executionOf({ code: -32_603, message })).toBe('answered');
  });

  it('does not say how far a run came whose runner stopped, streamed or not', () => {
    const message =
      'Run of slow in /ws failed: Action slow failed in /ws (dev): Runner stopped during execution — it may have been restarted. Try again. ';
    expect(executionOf({ code: -32_603, message })).toBe('unknown');
  });

  it('that cannot be read says nothing', () => {
    expect(executionOf('no object')).toBe('unknown');
    expect(executionOf({ message: 'x'.repeat(70_000) })).toBe('unknown');
  });
});
