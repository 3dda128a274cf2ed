/** Options that several commands share, and what people can give them. */
import type { Option } from './command.js';

export const json: Option = {
  name: 'json',
  help: 'one JSON object a line (docs/schemas); text is no contract',
};
export const utc: Option = { name: 'utc', help: 'times in UTC instead of local time' };
export const root: Option = {
  name: 'root',
  value: 'DIR',
  isRepeatable: true,
  help: 'where the streams are; may be given several times',
};
export const since: Option = {
  name: 'since',
  value: 'TIME',
  help: 'not before TIME: 10m, 2h, 1d (ago), 2026-11-21T14:00, or a clock reading (hlc)',
};
export const until: Option = { name: 'until', value: 'TIME', help: 'not after TIME' };
export const limit: Option = {
  name: 'limit',
  short: 'n',
  value: 'N',
  help: 'the newest N; default 200, "all" for everything',
};
export const follow: Option = {
  name: 'follow',
  short: 'f',
  help: 'go on: print what is recorded from now on, until Ctrl-C',
};
export const finecode: Option = {
  name: 'finecode',
  value: 'DIR',
  isRepeatable: true,
  help: 'read FineCode’s WAL below this workspace or WAL directory, too (docs/finecode.md)',
};
export const reading: readonly Option[] = [root, finecode, json, utc];

export const runHelp =
  'RUN is @0 (the newest), @-1 (the one before), a ULID, a trace id, a traceparent, or the last 4 or more characters of the ULID.';

export const matchHelp =
  'FIELD=VALUE keeps what matches; several of one field are alternatives, of several fields all must match.';

export const trust: Option = {
  name: 'trust',
  value: 'MODE',
  values: ['join', 'link', 'ignore'],
  help: 'what to make of a context that a message carries: join (default), link or ignore',
};

export const inject: Option = {
  name: 'inject',
  value: 'FORM',
  values: ['meta', 'w3c', 'params-meta', 'none'],
  help: 'where the id is put: meta (default), w3c, params-meta or none',
};

export const asTheServer: string =
  'Exits as the server does: its code, or its signal; 127 not found, 126 not executable, 125 usage.';
