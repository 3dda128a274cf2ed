/** Where an export goes: `--to`, or standard output. What cannot be is refused before anything is read. */
import type { Format } from '../../export/index.js';
import { UsageError, type Given } from '../command.js';
import { rootsOf } from '../open-story.js';
import { tell } from '../tell.js';
import { fileDestination } from './file.js';
import { headersOf } from './headers.js';
import { onSignal } from './on-signal.js';
import { standardOutput, type Destination } from './output.js';

export type { Destination } from './output.js';

/** A host and port without a scheme, as `localhost:4318`. */
const addressPattern = /^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}(?:\/[\w./-]*)?$/;

/** Returns what opens it. Throws `UsageError`. */
export function destinationFor(given: Given, format: Format): () => Promise<Destination> {
  const to = given.value('to');
  const url = to === undefined ? undefined : urlOf(to);
  if (given.values('header').length > 0 && url === undefined) {
    throw new UsageError('--header is of a URL: give --to https://…');
  }
  if (url !== undefined) {
    const { message } = format;
    if (message === undefined) {
      throw new UsageError(`${format.name} cannot be sent to a URL: otlp and otlp-json can`);
    }
    const headers = headersOf(given.values('header'), process.env['OTEL_EXPORTER_OTLP_HEADERS']);
    return async () => {
      const { collector } = await import('../../export/otlp/send.js');
      const sent = collector({ url, headers, contentType: message });
      const release = onSignal(() => {
        // Over the line that says how far it is.
        if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
        tell(`interrupted: ${sent.soFar()}`);
      });
      return {
        sink: sent.sink,
        async finish() {
          release();
          return sent.finish();
        },
        async abandon() {
          release();
          await sent.abandon();
        },
      };
    };
  }
  if (to !== undefined && addressPattern.test(to)) {
    throw new UsageError(`--to ${to} would be a file: give --to http://${to}, or --to ./${to}`);
  }
  if (to !== undefined && to !== '-') return () => fileDestination(to, rootsOf(given));
  if (format.isBinary && process.stdout.isTTY) {
    throw new UsageError(
      `${format.name} is no text: give --to FILE, or send it into a file or pipe`,
    );
  }
  return async () => standardOutput();
}

/** `undefined`: it is a file. */
function urlOf(to: string): URL | undefined {
  if (to === '') throw new UsageError('--to is empty: it names a file or a URL');
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(to)) return undefined;
  if (!URL.canParse(to)) throw new UsageError('--to is no URL that can be read');
  const url = new URL(to);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UsageError(`--to takes http:// and https://, not ${url.protocol}//`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('--to has a password in it: use --header authorization=… instead');
  }
  return url;
}
