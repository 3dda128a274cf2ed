/** The parent's side of child.mjs. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('child.mjs', import.meta.url));

/** Starts a subject in a directory of its own, or in the one that its options name. */
export async function startSubject(workspace, { name, ...options }) {
  mkdirSync(workspace, { recursive: true });
  const directory = options.directory ?? mkdtempSync(join(workspace, 'subject-'));
  const child = fork(file, [JSON.stringify({ ...options, directory })], { execArgv: [] });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${name} ended with ${code}`);
  });
  ended.catch(() => undefined);
  const next = async () => (await Promise.race([once(child, 'message'), ended]))[0];
  await next();
  return {
    name,
    directory,
    sample(asked) {
      const answer = next();
      child.send(asked);
      return answer;
    },
    async close() {
      child.send('close');
      await ended.catch(() => undefined);
    },
  };
}
