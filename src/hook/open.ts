/** Opens a recorder: finds the root, opens a stream of its own, and notes what the process was started under. */
import { resolve } from 'node:path';
import { extractEnv } from '../context/index.js';
import {
  openStream,
  resolveRoot,
  type Env,
  type JsonObject,
  type Limits,
  type OnFailure,
  type StreamOptions,
} from '../wal/index.js';
import { cut, nameCharsMax } from './bounds.js';
import { Recorder } from './recorder.js';

export interface RecorderOptions
  extends
    Limits,
    Pick<
      StreamOptions,
      'checkpointKey' | 'onFull' | 'preallocateBytes' | 'retention' | 'sealOnExit'
    > {
  /** `wm`, `er`, or another name of lower-case letters, digits and hyphens: streams are kept apart by it. */
  readonly role: 'wm' | 'er' | (string & {});
  /** Where the streams are. Default: `THROUGHLINE_ROOT`, else a `.throughline/` above, else the user's state folder. */
  readonly root?: string | undefined;
  /** The workspace served: decides the default root, and is the project of records that name none. */
  readonly workspace?: string | undefined;
  /** Default `process.env`. */
  readonly env?: Env | undefined;
  /** The host's name and version, for people who read the stream. */
  readonly name?: string | undefined;
  /** `worker` (default) for daemons, `inline` for one-shot commands. */
  readonly sync?: 'worker' | 'inline' | undefined;
  /** Default `degrade`: a failing disk costs records, never requests. */
  readonly onFailure?: OnFailure | undefined;
}

/**
 * A recorder with a stream of its own. Throws ARGUMENT_INVALID, and ROOT_UNUSABLE unless it may degrade. A process
 * opens one for each role it plays, and closes it.
 */
export async function openRecorder(options: RecorderOptions): Promise<Recorder> {
  const { role, root, workspace, env = process.env, name, sync, onFailure, ...limits } = options;
  const projectPath = workspace === undefined ? undefined : resolve(workspace);
  const stream = await openStream({
    ...limits,
    root: resolveRoot({ root, env, workspace }),
    role,
    header: headerOf(env, name),
    sync,
    onFailure,
    projectPath,
  });
  return new Recorder({
    stream,
    role,
    onFailure: onFailure ?? 'degrade',
    workspace: projectPath,
  });
}

/**
 * A host serves many requests, so the context in its environment is a cause of the process and of no request: it
 * stands in `wal.opened` and nowhere else.
 */
function headerOf(env: Env, name: string | undefined): JsonObject {
  const started = extractEnv(env);
  return {
    ...(name === undefined ? {} : { name: cut(name, nameCharsMax) }),
    ...(started === undefined
      ? {}
      : { env_link: { trace_id: started.traceId, span_id: started.spanId } }),
  };
}
