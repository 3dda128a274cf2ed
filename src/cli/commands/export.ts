/** `throughline export`: requests in the format of another tool, to stdout, into a file or to a collector. */
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import {
  formats,
  tableNames,
  type Exported,
  type Format,
  type TableName,
} from '../../export/index.js';
import { exitCode, UsageError, type Given } from '../command.js';
import { destinationFor, type Destination } from '../export/destination.js';
import { select } from '../export/select.js';
import { complain } from '../open-story.js';
import { withProgress } from '../progress.js';
import { worse } from '../reading.js';
import { plural, summary } from '../render/truth-line.js';

export async function execute(given: Given): Promise<number> {
  const format = formatOf(given);
  const table = tableOf(given, format);
  const open = destinationFor(given, format);
  // A package that is not there is missed before a million records are read.
  const exporter = await format.load();
  const { source, code } = await select(given, table);
  if (source === undefined) return code();
  // What an exporter holds for a moment is soon garbage; V8 would let it grow to more than the story itself.
  setFlagsFromString('--heap-growing-percent=20');
  const destination = await open();
  let written = 0;
  const write = async (chunk: Uint8Array | string): Promise<void> => {
    await destination.sink.write(chunk);
    written += chunk.length;
    // Others have their turn: the progress, and whoever presses Ctrl-C.
    await setImmediate();
  };
  const { exported, problems } = await withProgress(
    () => finished(destination, () => exporter(source, { write })),
    () => `${megabytes(written)} of ${format.name} written`,
  );
  if (exported === undefined) {
    for (const sentence of problems) complain(sentence);
    return exitCode.finding;
  }
  for (const sentence of problems) complain(sentence);
  complain([countsOf(exported, format), summary(source.truth)].filter(Boolean).join(' · '));
  return worse(code(), problems.length > 0);
}

interface Finished {
  /** Absent: it did not arrive. */
  readonly exported: Exported | undefined;
  /** What was left out, and what did not arrive. */
  readonly problems: readonly string[];
}

/** Either all of it is where it belongs, or nothing is left of it. */
async function finished(destination: Destination, run: () => Promise<Exported>): Promise<Finished> {
  try {
    const exported = await run();
    const problems = [...exported.leftOut, ...(await destination.finish())];
    return { exported, problems };
  } catch (error) {
    await destination.abandon();
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    // What was read could be read: that it did not arrive is another exit code.
    if (code === 'EXPORT_FAILED') return { exported: undefined, problems: [String(message)] };
    throw error;
  }
}

function formatOf(given: Given): Format {
  const name = given.value('format');
  const names = formats.map((format) => format.name).join(', ');
  if (name === undefined) throw new UsageError(`--format is missing: one of ${names}`);
  const found = formats.find((format) => format.name === name);
  if (found !== undefined) return found;
  throw new UsageError(`no format is called "${name.slice(0, 40)}": there are ${names}`);
}

function tableOf(given: Given, format: Format): TableName | undefined {
  const name = given.value('table');
  if (name === undefined) return undefined;
  if (!format.hasTables) throw new UsageError(`${format.name} has no tables: leave --table out`);
  const found = tableNames.find((table) => table === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `no table is called "${name.slice(0, 40)}": there are ${tableNames.join(', ')}`,
  );
}

function countsOf({ requests, spans, rows }: Exported, { name, hasTables }: Format): string {
  const counts = [
    ...(requests > 0 || rows === undefined ? [plural(requests, 'request')] : []),
    ...(spans > 0 || rows === undefined ? [plural(spans, 'span')] : []),
    ...(rows === undefined || !hasTables ? [] : [plural(rows, 'row')]),
  ];
  return `${counts.join(', ')} as ${name}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
