/**
 * Writes WAL directories as FineCode does, byte for byte: its order of members, its spaces, one file for whoever appends,
 * a sequence that each process counts on its own, and no repair of what a crash tore off.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isoTime } from './bytes.mjs';

export interface WalEvent {
  readonly atUs: number;
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly runId?: string;
  readonly action?: string;
  readonly trigger?: string;
  readonly devEnv?: string;
  readonly project?: string;
  readonly schemaVersion?: number;
}

/** One process that writes. */
export interface WalWriter {
  readonly writerId: string;
  sequence: number;
}

/** A directory that processes append to. */
export class WalFiles {
  readonly path: string;
  #events: { readonly writer: WalWriter; readonly event: WalEvent }[] = [];
  readonly #torn = new Set<WalWriter>();
  #text = '';
  #lastSequence = 0;
  readonly #segmentBytesMax: number;

  constructor(path: string, segmentBytesMax = 1024 * 1024) {
    this.path = path;
    this.#segmentBytesMax = segmentBytesMax;
  }

  add(writer: WalWriter, event: WalEvent): void {
    this.#events.push({ writer, event });
  }

  /** The last record of the writer is torn in half by its death. */
  tear(writer: WalWriter): void {
    this.#torn.add(writer);
  }

  /** What happened until then never reached the file: the process was dead. */
  killed(writer: WalWriter, atUs: number): void {
    this.#events = this.#events.filter((one) => one.writer !== writer || one.event.atUs <= atUs);
  }

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  /** Records that can be read back, and the text of the files. Returns the run ids of records that were torn. */
  write(): { readonly records: number; readonly torn: readonly string[] } {
    mkdirSync(this.path, { recursive: true });
    const inOrder = this.#events.toSorted((a, b) => a.event.atUs - b.event.atUs);
    const last = new Map(inOrder.map((one) => [one.writer, one]));
    const torn: string[] = [];
    let [records, segment] = [0, 1];
    for (const one of inOrder) {
      const { writer, event } = one;
      // As a process counts that found so much when it was started, and never looks again.
      writer.sequence = writer.sequence === 0 ? this.#lastSequence + 1 : writer.sequence + 1;
      const line = lineOf(writer, event);
      if (this.#text.length >= this.#segmentBytesMax) {
        this.#flush(segment);
        segment += 1;
      }
      if (this.#torn.has(writer) && last.get(writer) === one) {
        this.#text += line.slice(0, Math.floor(line.length / 2));
        torn.push(event.runId ?? '');
        continue;
      }
      this.#text += `${line}\n`;
      records += 1;
      if (!this.#torn.has(writer)) this.#lastSequence = writer.sequence;
    }
    this.#flush(segment);
    return { records, torn };
  }

  #flush(segment: number): void {
    const file = `wal-${String(segment).padStart(6, '0')}.jsonl`;
    writeFileSync(join(this.path, file), this.#text);
    this.#text = '';
  }
}

/** As Python's `json.dumps` spells it. */
export function lineOf(writer: WalWriter, event: WalEvent): string {
  const { atUs, payload, runId, action, trigger, devEnv } = event;
  const record: Record<string, unknown> = {
    schema_version: event.schemaVersion ?? 2,
    sequence: writer.sequence,
    ts: `${isoTime(atUs).slice(0, -1)}+00:00`,
    event_type: event.event,
    project_path: event.project ?? '/ws',
    writer_id: writer.writerId,
    payload,
  };
  if (runId !== undefined) record['wal_run_id'] = runId;
  if (action !== undefined) record['action_name'] = action;
  if (trigger !== undefined) record['trigger'] = trigger;
  if (devEnv !== undefined) record['dev_env'] = devEnv;
  return python(record);
}

function python(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, one]) => `${python(name)}: ${python(one)}`);
    return `{${members.join(', ')}}`;
  }
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
