/** What a server that is reached through a port prints on stdout, passed on to ours. */
import type { Readable, Writable } from 'node:stream';

const silenceMsMax = 250;

/** Passes it on. Where nobody reads ours, the server is not held up by that. */
export function passOn(stdout: Readable, output: Writable): void {
  stdout.on('error', () => undefined);
  stdout.pipe(output, { end: false });
  output.once('error', () => {
    stdout.unpipe(output);
    stdout.resume();
  });
}

/** Waits until all was said; what holds the stream open beyond that is another process. */
export async function lastWords(stdout: Readable): Promise<void> {
  if (!stdout.readableEnded && !stdout.destroyed) {
    await new Promise<void>((quiet) => {
      const timer = setTimeout(quiet, silenceMsMax);
      stdout.on('data', () => timer.refresh());
      stdout.once('close', () => {
        clearTimeout(timer);
        quiet();
      });
    });
  }
  stdout.destroy();
}
