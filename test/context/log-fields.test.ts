/** The three examples of docs/logging.md, run against the real loggers. */
import { Writable } from 'node:stream';
import { format } from 'node:util';
import pino from 'pino';
import { expect, test } from 'vitest';
import winston from 'winston';
import { Context, extract, logFields, runInContext } from '../../src/context/index.js';

const context = Context.begin({
  remote: extract({ traceparent: '00-019aa88dc8b71fd3906c9a3611e175dc-b7ad6b7169203331-01' }),
  ids: { random: (target) => target.fill(0xab) },
});
const expected = {
  correlation_id: '01KAM8VJ5Q3Z9S0V4T6R8Y2XEW',
  trace_id: '019aa88dc8b71fd3906c9a3611e175dc',
  span_id: 'abababababababab',
  trace_flags: '01',
};

function sink(): { readonly stream: Writable; readonly lines: () => Record<string, unknown>[] } {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const lines = () =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { stream, lines };
}

test('pino: each line in a request carries its ids, each line outside of one carries none', () => {
  const { stream, lines } = sink();
  const log = pino({ mixin: () => logFields() }, stream);
  runInContext(context, () => log.info('formatting'));
  log.info('idle');
  const [inside, outside] = lines();
  expect(inside).toMatchObject({ msg: 'formatting', ...expected });
  expect(outside).toMatchObject({ msg: 'idle' });
  expect(outside).not.toHaveProperty('correlation_id');
});

test('winston: each line in a request carries its ids, each line outside of one carries none', () => {
  const { stream, lines } = sink();
  const ids = winston.format((info) => Object.assign(info, logFields()));
  const log = winston.createLogger({
    format: winston.format.combine(ids(), winston.format.json()),
    transports: [new winston.transports.Stream({ stream })],
  });
  runInContext(context, () => log.info('formatting'));
  log.info('idle');
  const [inside, outside] = lines();
  expect(inside).toMatchObject({ message: 'formatting', ...expected });
  expect(outside).toEqual({ level: 'info', message: 'idle' });
});

test('console: the correlation id stands before the text', () => {
  const written: string[] = [];
  const console = { error: (...parts: unknown[]) => written.push(format(...parts)) };
  const report = (...parts: unknown[]): void => {
    console.error(logFields().correlation_id ?? '-', ...parts);
  };
  runInContext(context, () => report('formatting', 3, 'files'));
  report('idle');
  expect(written).toEqual(['01KAM8VJ5Q3Z9S0V4T6R8Y2XEW formatting 3 files', '- idle']);
});

test('a given context wins over the ambient one', () => {
  runInContext(Context.begin(), () => expect(logFields(context)).toEqual(expected));
});
