/** Runs as resources: `throughline://run/{id}`, the newest listed, each read as its outline. */
import type { Session } from './call.js';
import { isoTime } from './items.js';
import { outlineText } from './tools/run-outline.js';

export const runTemplate = {
  uriTemplate: 'throughline://run/{id}',
  name: 'run',
  title: 'A run',
  description: 'The outline of a run, as run_outline has it. id as run of the tools.',
  mimeType: 'text/plain',
} as const;

const prefix = 'throughline://run/';
const listedMax = 50;
const completedMax = 100;

export async function listResources(session: Session): Promise<readonly object[]> {
  const { requests } = await session.reading.story(session);
  const uris = new Set<string>();
  const resources: object[] = [];
  for (const request of requests) {
    const uri = `${prefix}${request.correlationId}`;
    if (uris.has(uri)) continue;
    uris.add(uri);
    // Not a word of what was asked: clients show names without any mark.
    const name = `${request.state} ${isoTime(request.started) ?? ''}`.trimEnd();
    resources.push({ uri, name, mimeType: runTemplate.mimeType });
    if (resources.length === listedMax) break;
  }
  return resources;
}

/** The id in a URI of ours; `undefined` for any other. */
export function runOfUri(uri: string): string | undefined {
  if (!uri.startsWith(prefix)) return undefined;
  try {
    return decodeURIComponent(uri.slice(prefix.length));
  } catch {
    return undefined;
  }
}

export async function readResource(uri: string, run: string, session: Session): Promise<object> {
  const text = await outlineText(run, session);
  return { uri, mimeType: runTemplate.mimeType, text };
}

/** Ids that begin with what was typed, or end with it, as short ids do; newest first. */
export async function completeRun(
  typed: string,
  session: Session,
): Promise<{ readonly values: string[]; readonly hasMore: boolean }> {
  const { requests } = await session.reading.story(session);
  const wanted = typed.toUpperCase();
  const ids = new Set<string>();
  for (const { correlationId } of requests) {
    if (!correlationId.startsWith(wanted) && !correlationId.endsWith(wanted)) continue;
    ids.add(correlationId);
    if (ids.size > completedMax) break;
  }
  return { values: [...ids].slice(0, completedMax), hasMore: ids.size > completedMax };
}
