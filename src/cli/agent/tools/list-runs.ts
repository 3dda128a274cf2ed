/** `list_runs`: requests, newest first. */
import { parseMatch, type Request, type Story } from '../../../read/index.js';
import { isFailure } from '../../analysis/failures.js';
import { UsageError } from '../../command.js';
import { matchesOf, runFields, states } from '../../fields.js';
import { runObject } from '../../objects.js';
import { filterOf, isPicked } from '../../pick.js';
import { isLarge } from '../../size.js';
import type { Answer, Session, Tool } from '../call.js';
import { AgentError, type Call } from '../error.js';
import { runItem, runSchema } from '../items.js';
import { fitting, more, nextPage, staleCursor } from '../page.js';
import {
  cursorParameter,
  limitParameter,
  shown,
  type Asked,
  type Parameters,
} from '../parameters.js';
import { eachRequest } from '../pause.js';
import { list } from '../schema.js';
import { truthOf } from '../truth.js';
import { Untrusted } from '../untrusted.js';

const dayMs = 24 * 60 * 60 * 1000;

const filter: Parameters = {
  state: { kind: 'choice', values: states, help: 'only this state' },
  failed: { kind: 'flag', help: 'only failed, rejected and lost runs' },
  since: { kind: 'text', help: '10m, 2h, 1d (ago) or 2026-11-21T14:00 (UTC)' },
  until: { kind: 'text', help: 'as since' },
  match: {
    kind: 'texts',
    itemsMax: 8,
    help: 'FIELD=VALUE, the whole value, such as via=mcp, client=vscode, what=tool format; of one field any, of several all',
  },
};

export const listRuns: Tool = {
  name: 'list_runs',
  title: 'List runs',
  description:
    'Requests that fronts (CLI, editor, agent) made, newest first: state, start, size, and what was asked (data). Begin here.',
  parameters: {
    filter: { kind: 'group', members: filter, help: 'which; leave out for all' },
    limit: limitParameter(20),
    cursor: cursorParameter,
  },
  output: { runs: list(runSchema) },
  answer,
};

async function answer(asked: Asked, session: Session): Promise<Answer> {
  const isAsked = selection(asked.group('filter'));
  const cursor = positionOf(asked.text('cursor'));
  const limit = asked.integer('limit') ?? 1;
  const { story, found, after, from } = await pick({ isAsked, cursor, limit }, session);
  const words = new Untrusted();
  const runs = fitting(found, runItem, words);
  const left = after + found.length - runs.length;
  const last = found[runs.length - 1];
  const isAll = (left === 0 && from === undefined) || last === undefined;
  const next = isAll ? undefined : `${last.started.hlc}.${last.entrySpanId}`;
  const before =
    from === undefined ? [] : [`runs that began before ${new Date(from).toISOString()}`];
  return {
    fields: { runs },
    omitted: [...more(left, 'run'), ...before, ...words.omitted()],
    next: [...outlineOf(found, asked), ...nextPage('list_runs', asked.given, next)],
    truth: truthOf(story),
  };
}

interface Wanted {
  readonly isAsked: ReturnType<typeof selection>;
  readonly cursor: ReturnType<typeof positionOf>;
  readonly limit: number;
}

interface Picked {
  readonly story: Story;
  readonly found: readonly Request[];
  /** How many more there are. */
  readonly after: number;
  /** Where not everything was read: milliseconds since 1970, of what began before. */
  readonly from?: number;
}

/** The newest: where reading everything takes long of the last day, if that fills the page. */
async function pick(wanted: Wanted, session: Session): Promise<Picked> {
  const { isAsked, cursor, limit } = wanted;
  const { reading } = session;
  const isNewest = cursor === undefined && isAsked.since === undefined;
  if (isNewest && (await isLarge(reading.places.roots))) {
    const from = Date.now() - dayMs;
    const story = await reading.story(session, from * 1000);
    if (story.truth.notRead === 0) return pickFrom(story, wanted, session);
    const picked = await pickFrom(story, wanted, session, from);
    if (picked.found.length === limit) return { ...picked, from };
  }
  return pickFrom(await reading.story(session, isAsked.since), wanted, session);
}

async function pickFrom(
  story: Story,
  { isAsked, cursor, limit }: Wanted,
  session: Session,
  fromMs: number = -Infinity,
): Promise<Picked> {
  const found: Request[] = [];
  let after = 0;
  for await (const request of eachRequest(story.requests, session)) {
    if (request.started.microseconds < fromMs * 1000) continue;
    if (cursor !== undefined && !cursor.isPassed(request)) continue;
    if (!isAsked.is(request)) continue;
    if (found.length < limit) found.push(request);
    else after += 1;
  }
  return { story, found, after };
}

/** The first that went wrong is most often what is looked for; where nothing is as it was asked for, what there is. */
function outlineOf(listed: readonly Request[], asked: Asked): readonly Call[] {
  const request = listed.find((one) => isFailure(one)) ?? listed[0];
  if (request === undefined) {
    return Object.keys(asked.given).length === 0 ? [] : [{ tool: 'list_runs', arguments: {} }];
  }
  const isShared = listed.filter((one) => one.correlationId === request.correlationId).length > 1;
  const run = isShared ? request.entrySpanId : request.correlationId;
  return [{ tool: 'run_outline', arguments: { run } }];
}

/** Which requests are asked for, by the command line's own words for it. */
function selection(asked: Asked): {
  readonly since: number | undefined;
  is(request: Request): boolean;
} {
  const given = {
    value: (name: string) => asked.text(name),
    values: () => [],
    // Times without a zone.
    flag: (name: string) => name === 'utc',
    arguments: [],
    command: [],
  };
  const wanted = asked.text('state');
  for (const match of asked.texts('match')) {
    if (parseMatch(match) === undefined) {
      throw new AgentError(
        `match must be FIELD=VALUE, such as via=mcp or what=format, got ${shown(match)}`,
      );
    }
  }
  try {
    const matches = matchesOf(asked.texts('match'), runFields);
    const picked = filterOf(given, matches, Date.now());
    return {
      since: picked.since,
      is: (request) =>
        (wanted === undefined || request.state === wanted) &&
        (!asked.flag('failed') || isFailure(request)) &&
        isPicked(picked, request, () => runObject(request)),
    };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new AgentError(error.message.replaceAll('--', ''));
  }
}

/** Behind the request that a cursor names. Those that began later are before it. */
function positionOf(
  cursor: string | undefined,
): { isPassed(request: Request): boolean } | undefined {
  if (cursor === undefined) return undefined;
  const [, hlc = '', entry] = /^([0-9A-Z]{10,20})\.([0-9a-f]{16})$/.exec(cursor) ?? [];
  if (entry === undefined) throw staleCursor(cursor);
  let isFound = false;
  return {
    isPassed(request) {
      if (isFound || request.started.hlc < hlc) return true;
      isFound = request.started.hlc === hlc && request.entrySpanId === entry;
      return false;
    },
  };
}
