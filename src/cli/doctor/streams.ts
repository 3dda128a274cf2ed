/** Checks of what the streams say: clocks, waits, who wrote them, what was left open, what is damaged or newer. */
import { openJournal, openSpans, type Entry, type Story } from '../../read/index.js';
import { duration } from '../times.js';
import { plural } from '../render/truth-line.js';
import { finding, note, ok, type Check } from './check.js';

/** Back by less is a clock being corrected. */
const backMsMin = 50;

/** Reads all records once more, for what a story does not keep. */
export async function checkRecords(roots: readonly string[]): Promise<readonly Check[]> {
  const journal = await openJournal({ roots });
  const seen = new Seen();
  for await (const item of journal.items()) if (item.kind === 'entry') seen.add(item.entry);
  return [seen.clocks(), seen.waits()];
}

export function checkStory(story: Story): readonly Check[] {
  return [checkWriters(story), checkOpen(story), checkDamage(story), checkFormats(story)];
}

class Seen {
  readonly #last = new Map<string, number>();
  #back = 0;
  #stepped = 0;
  #ahead = 0;
  #late = 0;
  #waitedMs = 0;

  add({ writerId, event, at, payload }: Entry): void {
    const before = this.#last.get(writerId);
    if (at.ts !== '') this.#last.set(writerId, at.microseconds);
    if (before !== undefined && before - at.microseconds >= backMsMin * 1000) this.#back += 1;
    if (payload['clock'] === 'ahead') this.#ahead += 1;
    const { clock_steps: steps, barriers, waited_ms: waited } = payload;
    if (event === 'wal.sealed' && typeof steps === 'number') this.#stepped += steps;
    if (event !== 'wal.late') return;
    this.#late += typeof barriers === 'number' ? barriers : 1;
    if (typeof waited === 'number') this.#waitedMs = Math.max(this.#waitedMs, waited);
  }

  clocks(): Check {
    const parts = [
      this.#back > 0 ? `set back ${times(this.#back)}` : '',
      this.#stepped > 0 ? `seen to step ${times(this.#stepped)} by its writers` : '',
      this.#ahead > 0 ? `too far ahead at a sender ${times(this.#ahead)}` : '',
    ].filter((part) => part !== '');
    return parts.length === 0
      ? ok('clocks', 'no steps')
      : note(
          'clocks',
          `the wall clock was ${parts.join(', ')}`,
          'durations across it are wrong; the order of records is not',
        );
  }

  waits(): Check {
    if (this.#late === 0) return ok('waits', 'nobody had to go on before a record was durable');
    const longest = this.#waitedMs === 0 ? '' : `, the longest wait ${duration(this.#waitedMs)}`;
    return finding(
      'waits',
      `${this.#late} callers went on before their record was durable${longest}`,
      'the disk is too slow at times: --sync-test takes its times',
    );
  }
}

/** Of writers elsewhere nobody can tell whether they live. */
function checkWriters({ streams }: Story): Check {
  const reasons = new Map<string, number>();
  for (const { writer, sealed } of streams) {
    if (writer.state !== 'unknown' || sealed) continue;
    reasons.set(writer.evidence, (reasons.get(writer.evidence) ?? 0) + 1);
  }
  if (reasons.size === 0) return ok('writers', 'of each it is known whether it lives');
  const parts = [...reasons].map(([evidence, count]) => `${count}: ${evidence}`);
  return note(
    'writers',
    `whether they live cannot be told of ${parts.join('; ')}`,
    'their open runs are unknown, never lost; ask where they were written',
  );
}

function checkOpen({ requests }: Story): Check {
  const lost = openSpans(requests).filter(({ state }) => state === 'lost');
  if (lost.length === 0) return ok('dead writers', 'none with open runs');
  const writers = new Set(lost.map(({ span }) => span.writerId)).size;
  return finding(
    'dead writers',
    `${writers} left ${lost.length} open ${lost.length === 1 ? 'run' : 'runs'}`,
    'throughline inflight names them; a recorder that opens again can resolve them (run.resolved)',
  );
}

function checkDamage({ streams }: Story): Check {
  const bad = streams.filter(({ condition }) =>
    ['damaged', 'gap', 'unreadable'].includes(condition),
  );
  return bad.length === 0
    ? ok('streams', `none of ${streams.length} is damaged or has a gap`)
    : finding(
        'streams',
        `${bad.length} of ${streams.length} damaged, with a gap or unreadable`,
        'throughline verify says where',
      );
}

function checkFormats({ truth }: Story): Check {
  if (truth.foreign === 0 && truth.unknownEvents === 0) return ok('formats', 'all known here');
  return note(
    'formats',
    `${plural(truth.foreign, 'stream')} in a later format, ${plural(truth.unknownEvents, 'record')} of an unknown type`,
    'read as far as possible; a later version of throughline knows them',
  );
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
