/** `throughline bundle RUN`: what is recorded of a request as one file for a bug report, without the texts in it. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { bundleFiles } from '../bundle/contents.js';
import { tarGz } from '../bundle/tar.js';
import { UsageError, type Given } from '../command.js';
import { complain, mustBeRun, openStory, requestsOf, rootsOf, timeStyle } from '../open-story.js';
import { plural } from '../render/truth-line.js';

/** A request with more records is too much for a bug report. */
const recordsMax = 200_000;

export async function execute(given: Given): Promise<number> {
  const output = given.value('output');
  if (output === undefined && process.stdout.isTTY) {
    throw new UsageError('a bundle is no text: give --output FILE, or send it into a file or pipe');
  }
  const [reference = ''] = given.arguments;
  mustBeRun(reference);
  const { story, code } = await openStory(given);
  if (story === undefined) return code;
  const requests = requestsOf(story, reference);
  const records = requests.reduce((sum, request) => sum + request.records, 0);
  if (records > recordsMax) {
    throw new UsageError(`${records} records are more than a bundle may hold (${recordsMax})`);
  }
  const nowMs = Date.now();
  const keepsText = given.flag('keep-text');
  const style = timeStyle(given);
  const roots = rootsOf(given);
  const files = await bundleFiles({ roots, story, requests, keepsText, nowMs, style });
  const name = `throughline-${(requests[0]?.correlationId ?? '').slice(-7)}`;
  const packed = tarGz(
    files.map(({ path, bytes }) => ({ path: `${name}/${path}`, bytes })),
    nowMs,
  );
  if (output === undefined) process.stdout.write(packed);
  else write(output, packed);
  const text = keepsText ? 'texts kept' : 'texts replaced: look through it before you send it';
  complain(`${plural(records, 'record')} of ${plural(requests.length, 'request')}, ${text}`);
  return code;
}

function write(output: string, bytes: Uint8Array): void {
  try {
    writeFileSync(resolve(output), bytes, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const why = code === 'EEXIST' ? 'exists already' : `cannot be written (${String(code)})`;
    throw new UsageError(`${output} ${why}`, { cause: error });
  }
}
