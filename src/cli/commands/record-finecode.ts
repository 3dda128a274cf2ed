/**
 * `throughline record finecode`: the proxy for FineCode's workspace manager, and a stream of what it was asked to run.
 * Unlike `proxy finecode` it is a host, and writes.
 */
import { basename } from 'node:path';
import { FinecodeRecording } from '../../hook/proxied/index.js';
import type { Given } from '../command.js';
import { finecodeFront } from '../finecode-front.js';
import { howItEnded, recordAround } from '../recorded-server.js';
import { tell } from '../tell.js';

export async function execute(given: Given): Promise<number> {
  const stand = finecodeFront(given, 'record finecode');
  const runner = basename(given.command[0] ?? 'finecode');
  const root = given.value('root');
  return recordAround({ role: 'finecode', root, runner }, async ({ recorder, env, onStart }) => {
    const recording = new FinecodeRecording({ recorder, warn: tell });
    const end = await stand({
      env,
      warn: tell,
      onStart: (server) => {
        onStart(server);
        // Its connections end at the same moment, and their runs are to say why.
        void server.ended.then((how) => recording.ended(howItEnded(how)));
      },
      makeTap: (name) => {
        const connection = recording.connection(name);
        return {
          client: (body) => connection.client(body),
          answer: (body) => connection.answer(body),
          clientGone: (why) =>
            connection.clientGone(why === 'unread' ? 'nobody reads the answers' : 'disconnected'),
          closed: () => connection.closed(),
        };
      },
    });
    return { end, close: () => recording.close() };
  });
}
