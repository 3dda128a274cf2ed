/**
 * A workspace of FineCode that never ran, from a seed: frontends ask, WMs and ERs write their WAL with every quirk of the
 * real one, `record finecode` writes what it would see on the wire, and what caused what is known.
 */
import { createHash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { Random, StreamBytes } from './bytes.mjs';
import { WalFiles, type WalEvent, type WalWriter } from './finecode-wal.js';

export interface WorkspaceOptions {
  readonly seed: number;
  readonly requests: number;
  /** Whether `record finecode` stands before the WM. */
  readonly isRecorded?: boolean;
  /** What a hook writes into each payload. */
  readonly hook?: 'none' | 'old' | 'new';
  /** Time between two requests; with less, more of them overlap. */
  readonly gapUs?: number;
  /** Nobody dies, and nobody hangs up. */
  readonly isCalm?: boolean;
}

/** What really happened. */
export interface TrueRun {
  readonly runId: string;
  /** Of the request that asked for it itself; absent: nested, or the WM's own idea. */
  readonly traceId: string | undefined;
  /** Of the request it happened for. */
  readonly forTraceId: string | undefined;
  readonly isNested: boolean;
  /** The recorder did not see the request. */
  readonly isOwnWm: boolean;
  readonly isStreamed: boolean;
  readonly isBatch: boolean;
  state: 'completed' | 'failed' | 'open';
  /** Some of it was torn off or never written. */
  isHurt: boolean;
  /** Events that are in the files. */
  events: number;
}

export interface Workspace {
  readonly place: string;
  readonly root: string;
  readonly runs: ReadonlyMap<string, TrueRun>;
  readonly records: number;
  /** Half records with another behind them, or at the end. */
  readonly torn: number;
}

export const epochUs: number = Date.UTC(2026, 10, 21, 20, 10, 43) * 1000;
const projects = ['/ws/app', '/ws/lib'] as const;
const envs = ['dev_workspace', 'dev_no_runtime'] as const;
/** Name in the WAL, source on the wire, segments: one whole run in an env, or handlers in several. */
const actions = [
  { name: 'greet', source: 'demo_ext.GreetAction', segments: ['dev_no_runtime'] },
  { name: 'stream_greet', source: 'demo_ext.StreamGreetAction', segments: ['dev_no_runtime'] },
  { name: 'nest', source: 'demo_ext.NestAction', segments: ['dev_workspace'] },
  {
    name: 'two_env',
    source: 'demo_ext.TwoEnvAction',
    segments: ['dev_no_runtime', 'dev_workspace'],
  },
  {
    name: 'inspect_code',
    source: 'fine_inspect_code.InspectCodeAction',
    segments: ['dev_workspace', 'dev_no_runtime', 'dev_no_runtime'],
  },
] as const;
type Action = (typeof actions)[number];

interface Asked {
  readonly atUs: number;
  readonly action: Action;
  readonly project: string;
  readonly trigger: string;
  readonly devEnv: string;
  readonly params: string;
  readonly token: string | null;
  readonly progressToken: string | null;
  readonly isStreamed: boolean;
  readonly isBatch: boolean;
  readonly trace: Trace | undefined;
  /** `finecode run` starts a WM of its own, which no proxy sees. */
  readonly isOwnWm: boolean;
  readonly cause: 'request' | 'nested' | 'own';
}

interface Trace {
  readonly traceId: string;
  readonly parent: string;
}

/** Writes the workspace below `directory`. */
export function writeWorkspace(directory: string, options: WorkspaceOptions): Workspace {
  return new Simulation(directory, options).run();
}

class Simulation {
  readonly #options: WorkspaceOptions;
  readonly #random: Random;
  readonly #place: string;
  readonly #root: string;
  readonly #files = new Map<string, WalFiles>();
  readonly #writers = new Map<string, WalWriter>();
  readonly #runs = new Map<string, TrueRun>();
  readonly #stream: StreamBytes | undefined;
  /** Of the recorder, in the order of time. */
  readonly #wire: { readonly atUs: number; readonly write: () => void }[] = [];
  #pid = 400;
  #executions = 0;
  #nowUs = epochUs;

  constructor(directory: string, options: WorkspaceOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#place = join(directory, 'workspace');
    this.#root = join(directory, 'root');
    if (options.isRecorded === true) {
      const writerId = `finecode-${this.#random.ulid(epochUs / 1000)}`;
      this.#stream = new StreamBytes(this.#root, { role: 'finecode', writerId });
    }
  }

  run(): Workspace {
    for (let index = 0; index < this.#options.requests; index += 1) {
      this.#nowUs += 100 + this.#random.below(this.#options.gapUs ?? 40_000);
      if (this.#chance(20)) this.#startOver();
      if (this.#chance(15)) this.#envIsMade();
      this.#request();
    }
    for (const { write } of this.#wire.toSorted((a, b) => a.atUs - b.atUs)) write();
    this.#stream?.end(this.#nowUs + 1e9);
    let [records, torn] = [0, 0];
    for (const files of this.#files.values()) {
      if (files.isEmpty) continue;
      const written = files.write();
      records += written.records;
      torn += written.torn.length;
      for (const runId of written.torn) {
        const run = this.#runs.get(runId);
        if (run !== undefined) {
          run.isHurt = true;
          run.events -= 1;
        }
      }
    }
    return { place: this.#place, root: this.#root, runs: this.#runs, records, torn };
  }

  #chance(percent: number): boolean {
    return this.#random.below(100) < percent;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#random.below(items.length)] as Item;
  }

  /** A WM and its ERs end, and others begin in the same files; now and then the last record is torn in half. */
  #startOver(): void {
    for (const [key, writer] of this.#writers) {
      const file = key.replace(/ own$/, '');
      if (this.#options.isCalm !== true && this.#chance(20)) this.#files.get(file)?.tear(writer);
    }
    this.#writers.clear();
    // Longer than any run takes: what it had begun is over.
    this.#nowUs += 2_000_000;
  }

  /** An env is prepared because somebody added a directory: a run that no request asked for. */
  #envIsMade(): void {
    const [action] = actions;
    this.#asked({
      atUs: this.#nowUs,
      action,
      project: this.#pick(projects),
      trigger: 'user',
      devEnv: 'cli',
      params: '{"env_names": ["x"]}',
      token: null,
      progressToken: null,
      isStreamed: false,
      isBatch: false,
      trace: undefined,
      isOwnWm: false,
      cause: 'own',
    });
  }

  #request(): void {
    const random = this.#random;
    const devEnv = this.#pick(['ide', 'ai', 'cli']);
    const isBatch = devEnv === 'cli' || this.#chance(20);
    const isStreamed = devEnv !== 'ide' || this.#chance(30);
    const chosen = isBatch && this.#chance(30) ? [actions[0], actions[3]] : [this.#pick(actions)];
    const named = isBatch && this.#chance(50) ? [...projects] : [this.#pick(projects)];
    const isNamed = this.#chance(70);
    const number = isStreamed && !isBatch ? `${random.below(4)}` : undefined;
    // Small numbers, as editors count: two sessions use the same.
    const token = isStreamed ? (number ?? uuid(random)) : null;
    const progressToken = !isStreamed && this.#chance(20) ? uuid(random) : null;
    const params = `{"name": "${this.#pick(['a', 'b'])}"}`;
    const traceId = `${random.spanId()}${random.spanId()}`;
    const [request, atUs] = [random.spanId(), this.#nowUs];
    const targets = chosen.flatMap((action) => named.map((project) => ({ action, project })));
    const wire = isNamed ? targets : chosen.map((action) => ({ action, project: undefined }));
    const dispatched = random.spanId();
    const isOwnWm = devEnv === 'cli' && this.#chance(25);
    const trace = { traceId, parent: dispatched };
    // A WM that knows no such action, or has no such env, answers and writes nothing.
    const isRefused = this.#chance(5);
    let endUs = atUs + 2000;
    let isFailed = isRefused;
    for (const { action, project } of isRefused ? [] : targets) {
      const ended = this.#asked({
        atUs: atUs + 300 + random.below(800),
        action,
        project,
        trigger: devEnv === 'ide' ? 'system' : 'user',
        devEnv,
        params,
        token: isBatch && isStreamed ? uuid(random) : token,
        progressToken,
        isStreamed,
        isBatch,
        trace,
        isOwnWm,
        cause: 'request',
      });
      endUs = Math.max(endUs, ended.endUs + 400);
      isFailed ||= ended.state === 'failed';
    }
    if (isOwnWm) return;
    const of = `,"trigger":"${devEnv === 'ide' ? 'system' : 'user'}","dev_env":"${devEnv}","correlation_id":"${traceId}"`;
    this.#record(atUs, 'run.accepted', of, request, {
      method: isBatch ? 'actions/runBatch' : 'actions/run',
      partial_result_token: token ?? undefined,
      progress_token: progressToken ?? undefined,
      targets: wire.length,
    });
    const asked = wire.map(({ action, project }) => ({
      action: action.source,
      project,
      params_hash: hashOf(params),
    }));
    this.#record(atUs, 'run.dispatched', of, `${dispatched}","parent_span_id":"${request}`, {
      attempt: 1,
      runner: 'finecode',
      ...(asked.length === 1 ? asked[0] : { asked_for: asked }),
    });
    const results = targets.map(({ action, project }) => ({ project, action: action.source }));
    this.#record(
      endUs,
      isFailed ? 'run.failed' : 'run.completed',
      of,
      request,
      isFailed
        ? { outcome: 'rpc_error', execution: 'answered' }
        : { outcome: 'complete', ...(isStreamed ? { results } : {}) },
    );
  }

  #record(atUs: number, event: string, of: string, span: string, payload: object): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    const write = (): void =>
      stream.add(atUs, event, JSON.stringify(payload), `${of},"span_id":"${span}"`);
    this.#wire.push({ atUs, write });
  }

  /** One run, with all that it writes. */
  #asked(asked: Asked): { readonly endUs: number; readonly state: TrueRun['state'] } {
    const runId = uuid(this.#random);
    const run: TrueRun = {
      runId,
      traceId: asked.cause === 'request' ? asked.trace?.traceId : undefined,
      isOwnWm: asked.isOwnWm,
      forTraceId: asked.trace?.traceId,
      isNested: asked.cause === 'nested',
      isStreamed: asked.isStreamed,
      isBatch: asked.isBatch,
      state: 'completed',
      isHurt: false,
      events: 0,
    };
    this.#runs.set(runId, run);
    return { endUs: new RunWriter(this, run, asked).write(), state: run.state };
  }

  nested(outer: Asked, atUs: number, trace: Trace | undefined): number {
    const isStreamed = this.#chance(20);
    const asked = {
      ...outer,
      atUs,
      action: actions[0],
      params: `{"name": "${this.#pick(['a', 'b', 'nested'])}"}`,
      token: isStreamed ? uuid(this.#random) : null,
      progressToken: null,
      isStreamed,
      isBatch: false,
      trace,
      cause: 'nested',
    } as const;
    return this.#asked(asked).endUs;
  }

  get random(): Random {
    return this.#random;
  }

  get isCalm(): boolean {
    return this.#options.isCalm === true;
  }

  get hook(): 'none' | 'old' | 'new' {
    return this.#options.hook ?? 'none';
  }

  execution(): number {
    this.#executions += 1;
    return this.#executions;
  }

  files(role: 'wm' | 'er', project: string, env: string): { key: string; files: WalFiles } {
    const venv =
      role === 'wm'
        ? join('app', '.venvs', 'dev_workspace')
        : join(project.slice(4), '.venvs', env);
    const key = join(this.#place, venv, 'state', 'finecode', 'wal', role);
    const files = this.#files.get(key) ?? new WalFiles(key, 4096);
    this.#files.set(key, files);
    return { key, files };
  }

  writer(file: string, role: string, isOwn: boolean): WalWriter {
    const key = isOwn ? `${file} own` : file;
    const known = this.#writers.get(key);
    if (known !== undefined) return known;
    this.#pid += 1 + this.#random.below(50);
    const seconds = Math.floor(this.#nowUs / 1e6);
    const writer = { writerId: `${role}-${this.#pid}-${seconds}`, sequence: 0 };
    this.#writers.set(key, writer);
    return writer;
  }

  /** It died: whoever writes there next is another process. */
  died(key: string): void {
    this.#writers.delete(key);
  }
}

class RunWriter {
  readonly #of: Simulation;
  readonly #run: TrueRun;
  readonly #asked: Asked;
  readonly #wmSpan: string;
  #erSpan: string;
  #atUs: number;

  constructor(of: Simulation, run: TrueRun, asked: Asked) {
    this.#of = of;
    this.#run = run;
    this.#asked = asked;
    this.#atUs = asked.atUs;
    this.#wmSpan = of.random.spanId();
    this.#erSpan = of.random.spanId();
  }

  /** When it ended. */
  write(): number {
    const { isStreamed, params, action } = this.#asked;
    if (!isStreamed) this.#wm('run.accepted', { params_hash: hashOf(params) });
    const isFailing = this.#of.random.below(100) < 12;
    // The client hangs up, or somebody dies, in the last segment.
    const fate = this.#of.isCalm ? 99 : this.#of.random.below(100);
    const { segments } = action;
    const isWhole = segments.length === 1;
    for (const [index, env] of (isStreamed && !isWhole ? envs : segments).entries()) {
      const isLast = index === segments.length - 1;
      if (!isStreamed) {
        const runnerId = `${this.#asked.project} (${env})`;
        this.#wm('runner.selected', { env_name: env });
        this.#wm('run.dispatched', { runner_id: runnerId, env_name: env });
      }
      const isOver = this.#segment(env, {
        isWhole: isWhole || isStreamed,
        index,
        isFailing: isFailing && isLast,
        fate: isLast ? fate : 99,
      });
      if (!isOver) return this.#atUs;
      if (this.#run.state === 'failed') {
        if (!isStreamed) this.#wm('run.failed', { error: `failed in ${env}`, env_name: env });
        return this.#atUs;
      }
      if (!isStreamed) this.#wm('run.completed', { return_code: 0 });
    }
    return this.#atUs;
  }

  /** False: nobody wrote an end. */
  #segment(
    env: string,
    how: { isWhole: boolean; index: number; isFailing: boolean; fate: number },
  ): boolean {
    const { action, token, progressToken } = this.#asked;
    const number = this.#of.execution();
    this.#erSpan = this.#of.random.spanId();
    const handlers = how.isWhole ? [action.name, 'second'] : [`handler_${how.index}`];
    this.#er(
      env,
      'run.accepted',
      how.isWhole
        ? { partial_result_token: token, progress_token: progressToken }
        : { handler_names: handlers },
    );
    if (how.isWhole) this.#er(env, 'run.dispatched', { run_id: number });
    for (const handler of handlers) {
      this.#er(env, 'handler.started', { run_id: number, handler });
      this.#atUs += 500 + this.#of.random.below(20_000);
      if (handler === 'nest' && this.#asked.cause === 'request') {
        const { trace } = this.#asked;
        const below =
          this.#of.hook === 'new' && trace !== undefined
            ? { ...trace, parent: this.#erSpan }
            : trace;
        this.#atUs = this.#of.nested(this.#asked, this.#atUs, below) + 200;
      }
      if (handler === 'greet' && this.#of.random.below(10) === 0) this.#inProcess(env, number);
      if (how.fate < 6 && handler === handlers.at(-1)) return this.#end(env, how.fate);
      if (how.isFailing) {
        this.#er(env, 'handler.failed', { run_id: number, handler, error: 'on purpose' });
        this.#er(env, 'run.failed', {
          error: `Running action handler '${handler}' failed(Run ${number}): on purpose`,
        });
        this.#run.state = 'failed';
        return true;
      }
      const payload = {
        run_id: number,
        handler,
        duration_ms: this.#of.random.below(10) === 0 ? Number.NaN : 1.5,
      };
      this.#er(env, 'handler.completed', payload);
    }
    if (how.isWhole && token !== null)
      this.#er(env, 'partial_result.final_sent', { run_id: number });
    this.#er(env, 'run.completed', { status: 'success', return_code: 0 });
    return true;
  }

  /** Another action in the same process, under the run's own id. */
  #inProcess(env: string, outer: number): void {
    const number = outer + 1_000_000;
    const action = 'create_env';
    this.#er(env, 'run.dispatched', { run_id: number }, action);
    this.#er(env, 'handler.started', { run_id: number, handler: 'uv' }, action);
    this.#er(env, 'handler.completed', { run_id: number, handler: 'uv', duration_ms: 1 }, action);
  }

  #end(env: string, fate: number): boolean {
    this.#run.state = 'open';
    if (fate < 3) return false;
    // The ER dies, and its WM says so, if it says anything.
    this.#of.died(this.#of.files('er', this.#asked.project, env).key);
    if (!this.#asked.isStreamed) {
      this.#wm('run.failed', { error: 'Runner stopped during execution', env_name: env });
    }
    return false;
  }

  #wm(event: string, payload: object): void {
    const { key, files } = this.#of.files('wm', this.#asked.project, '');
    this.#write(files, this.#of.writer(key, 'wm', this.#asked.isOwnWm), event, payload);
  }

  #er(env: string, event: string, payload: object, action?: string): void {
    const { key, files } = this.#of.files('er', this.#asked.project, env);
    this.#write(files, this.#of.writer(key, 'er', this.#asked.isOwnWm), event, payload, action);
  }

  /** As a hook has it; a newer one gives each execution a span of its own. */
  #correlation(role: string): object {
    const { trace } = this.#asked;
    if (this.#of.hook === 'none' || trace === undefined) return {};
    const { traceId: trace_id, parent } = trace;
    if (this.#of.hook === 'old') return { correlation: { trace_id, parent_span_id: parent } };
    const [span_id, parent_span_id] =
      role === 'wm' ? [this.#wmSpan, parent] : [this.#erSpan, this.#wmSpan];
    return { correlation: { trace_id, span_id, parent_span_id } };
  }

  #write(
    files: WalFiles,
    writer: WalWriter,
    event: string,
    payload: object,
    action?: string,
  ): void {
    this.#atUs += 30 + this.#of.random.below(400);
    this.#run.events += 1;
    const { trigger, devEnv, project } = this.#asked;
    const written: WalEvent = {
      atUs: this.#atUs,
      event,
      payload: { ...payload, ...this.#correlation(writer.writerId.slice(0, 2)) },
      runId: this.#run.runId,
      action: action ?? this.#asked.action.name,
      trigger,
      devEnv,
      project,
    };
    files.add(writer, written);
  }
}

/** A copy of the whole workspace, as a backup is. */
export function copyOf({ place }: Workspace, to: string): string {
  cpSync(place, to, { recursive: true });
  return to;
}

function uuid(random: Random): string {
  const hex = random.spanId() + random.spanId();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function hashOf(params: string): string {
  return createHash('sha256').update(params).digest('hex');
}
