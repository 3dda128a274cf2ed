import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainEnv, throughline, type Ran } from './bin.js';

const hostProgram = fileURLToPath(new URL('fixtures/host.mjs', import.meta.url));

let root = '';
let file = '';
let host: ChildProcess;
let correlationId = '';

beforeEach(async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'tl-alive-'));
  root = join(scratch, 'root');
  file = join(scratch, 'a.ts');
  writeFileSync(file, 'new');
  host = spawn(process.execPath, [hostProgram, root, file, 'new'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: plainEnv,
  });
  const [said] = (await once(host.stdout ?? host, 'data')) as [Buffer];
  correlationId = said.toString().trim();
});
afterEach(() => {
  host.kill('SIGKILL');
  rmSync(join(root, '..'), { recursive: true, force: true });
});

/** The objects that a command prints. */
function asked(...args: readonly string[]): {
  readonly ran: Ran;
  readonly lines: readonly unknown[];
} {
  const ran = throughline([...args, '--root', root, '--json']);
  return {
    ran,
    lines: ran.stdout
      .split('\n')
      .filter(Boolean)
      .map((text) => JSON.parse(text) as unknown),
  };
}

/** Asks until the handler's record, which waits for company, is on disk. */
async function openHandler(): Promise<ReturnType<typeof asked>> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = asked('inflight');
    if (answer.ran.stdout.includes('"waiter"')) return answer;
    if (Date.now() > deadline) throw new Error(`no open handler: ${answer.ran.stdout}`);
    await new Promise((wake) => {
      setTimeout(wake, 20);
    });
  }
}

describe('a run of a real host', () => {
  it('is in flight while the host lives, lost once it was killed', async () => {
    const living = await openHandler();
    expect(living.ran.code).toBe(1);
    expect(living.lines).toMatchObject([
      { correlation_id: correlationId, name: 'waiter', state: 'in_flight' },
    ]);
    expect(asked('runs').lines).toMatchObject([
      {
        correlation_id: correlationId,
        state: 'in_flight',
        open: 2,
        ended: null,
        what: 'workbench format',
      },
    ]);
    host.kill('SIGKILL');
    await once(host, 'exit');
    expect(asked('inflight').lines).toMatchObject([
      { state: 'lost', last: { event: 'handler.started' } },
    ]);
    expect(asked('runs').lines).toMatchObject([{ state: 'lost', lost: 2, ended: null }]);
    expect(JSON.parse(asked('runs').ran.stderr)).toMatchObject({ conditions: { unsealed: 1 } });
  });

  it('is completed once it ends, and nothing is open', async () => {
    host.stdin?.end('stop');
    await once(host, 'exit');
    expect(asked('runs').lines).toMatchObject([{ state: 'completed', answered: true }]);
    const { ran } = asked('inflight');
    expect(ran).toMatchObject({ code: 0, stdout: '' });
  });

  it('is who wrote the file, for as long as the file is what it wrote', () => {
    const effect = { correlation_id: correlationId, path: file, change: 'modified' };
    expect(asked('who', file).lines).toMatchObject([{ ...effect, now: 'same' }]);
    writeFileSync(file, 'something else');
    expect(asked('who', file).lines).toMatchObject([{ ...effect, now: 'changed' }]);
    rmSync(file);
    expect(asked('who', file).lines).toMatchObject([{ ...effect, now: 'gone' }]);
  });
});
