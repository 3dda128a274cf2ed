// Drives real language servers, directly twice and then through `throughline proxy lsp` in each form, and compares every
// answer byte for byte. Needs a build; `npm ci` in this folder first, it installs the rest itself.
//   node run.mjs [--quick] [--only NAME,…] [--modes MODE,…] [--jobs N] [--require]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare, count } from './compare.mjs';
import { converse } from './dialogue.mjs';
import { printTable } from './report.mjs';
import { servers } from './servers.mjs';
import { witness } from './witness.mjs';

const here = fileURLToPath(new URL('./', import.meta.url));
const throughline = fileURLToPath(
  new URL('../../../dist/src/cli/throughline.cjs', import.meta.url),
);
const noisePercentMax = 2;
const nonEmptyMin = 3;

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    only: { type: 'string' },
    modes: { type: 'string', default: 'meta,w3c,params-meta,none' },
    jobs: { type: 'string', default: '2' },
    // What cannot run fails instead of being SKIPPED.
    require: { type: 'boolean' },
    // The direct runs alone, which tell how steady the servers are.
    direct: { type: 'boolean' },
  },
});
const modes = flags.direct ? [] : flags.modes.split(',');
const only = flags.only?.split(',');
const chosen = servers.filter(
  ({ name, from }) =>
    (only === undefined || only.includes(name)) && (flags.quick !== true || from === 'quick'),
);
if (chosen.some(({ from }) => from === 'all')) install();

const scratch = mkdtempSync(join(tmpdir(), 'throughline-servers-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));
const offline = offlinePrefix();
console.log(
  offline.length > 0 ? 'servers run without a network' : 'servers run WITH a network (no unshare)',
);

const proxied = (mode, command) => [
  process.execPath,
  throughline,
  'proxy',
  'lsp',
  '--inject',
  mode,
  '--',
  ...command,
];

let failures = 0;
for (const mode of modes) {
  const problem = await witness({ mode, command: (server) => proxied(mode, server) });
  if (problem !== undefined) failures += 1;
  console.log(
    `${problem === undefined ? 'ok' : 'FAILED'}: --inject ${mode} ${problem ?? 'arrives'}`,
  );
}

const rows = [];
const queue = [...chosen];
await Promise.all(
  Array.from({ length: Number(flags.jobs) }, async () => {
    for (let subject = queue.shift(); subject !== undefined; subject = queue.shift()) {
      const startMs = Date.now();
      const row = await examine(subject).catch((error) => ({
        subject,
        skipped: 'it failed',
        problems: [error.stack],
      }));
      rows.push({ ...row, seconds: Math.round((Date.now() - startMs) / 1000) });
      console.log(`${row.problems.length === 0 ? 'ok' : 'FAILED'}: ${subject.name}`);
      for (const problem of row.problems) console.log(`  ${problem}`);
    }
  }),
);
rows.sort((one, other) => servers.indexOf(one.subject) - servers.indexOf(other.subject));
printTable(rows, modes);

const ran = rows.filter((row) => row.skipped === undefined);
const total = (of) => ran.reduce((sum, row) => sum + of(row), 0);
const [values, noisy] = [total((row) => row.values), total((row) => row.noise.length)];
console.log(
  `${ran.length} servers, ${total((row) => row.answers)} answers each way with ${values} values, of which ${noisy} differ between direct runs (${percent(noisy, values)} %)`,
);
for (const { subject, noise, values: own } of ran) {
  if (noise.length > 0)
    console.log(`  ${subject.name} (${percent(noise.length, own)} %): ${brief(noise)}`);
}
failures += rows.filter((row) => row.problems.length > 0).length;
process.exitCode = failures === 0 ? 0 : 1;

async function examine(subject) {
  const row = { subject, modes: {}, noise: [], answers: 0, nonEmpty: 0, problems: [] };
  const absent = [subject.command[0], subject.needs ?? 'sh'].find((name) => !isThere(name));
  if (absent !== undefined) {
    const reason = `${absent} is not installed`;
    return { ...row, skipped: reason, problems: flags.require ? [reason] : [] };
  }
  const folder = join(scratch, subject.name.replaceAll(/\W+/g, '-'));
  const run = (command, learned) =>
    converse({
      subject,
      command: [...offline, ...command],
      workspace: join(folder, 'workspace'),
      env: environment(join(folder, 'home')),
      learned,
    });

  const first = await run(subject.command);
  const direct = [await run(subject.command, first.answers)];
  row.version = versionOf(subject, first.info);
  row.values = count(first.answers);
  row.answers = first.answers.size;
  const nonEmpty = [...first.answers].filter(isNonEmpty).map(([name]) => name);
  row.nonEmpty = nonEmpty.length;
  const noise = new Set(compare(first.answers, direct[0].answers));
  if (nonEmpty.length < nonEmptyMin) {
    row.problems.push(`only ${nonEmpty.length} answers say something: ${nonEmpty.join(', ')}`);
    row.problems.push(
      ...[...first.answers]
        .filter(([, one]) => one.missing !== undefined)
        .map(([name, one]) => `${name}: ${one.missing}`),
    );
    if (first.stderr !== '') row.problems.push(first.stderr.slice(-600));
  }
  for (const mode of modes) {
    const once = await run(proxied(mode, subject.command), first.answers);
    let differing = compare(first.answers, once.answers).filter((name) => !noise.has(name));
    let isAgain = false;
    if (differing.length > 0) {
      // Time may do it, too: so both once more. What differs between direct runs is noise, what differs twice is not.
      isAgain = true;
      const third = await run(subject.command, first.answers);
      for (const name of compare(first.answers, third.answers)) noise.add(name);
      const twice = await run(proxied(mode, subject.command), first.answers);
      const still = new Set(compare(first.answers, twice.answers));
      differing = differing.filter((name) => !noise.has(name) && still.has(name));
    }
    row.modes[mode] =
      differing.length > 0 ? `${differing.length} differ` : isAgain ? 'same *' : 'same';
    for (const name of differing.slice(0, 6)) {
      const answer = name.split('/')[0];
      row.problems.push(`${mode}: ${name}`);
      row.problems.push(`  direct  ${excerpt(first.answers.get(answer))}`);
      row.problems.push(`  proxied ${excerpt(once.answers.get(answer))}`);
    }
    if (differing.length > 0 && once.stderr !== '') row.problems.push(once.stderr.slice(-600));
    const added = once.unknownMembers.filter((member) => !first.unknownMembers.includes(member));
    if (added.length > 0) row.problems.push(`${mode}: the editor is sent ${added.join(', ')}`);
  }
  row.noise = [...noise];
  if (noise.size > (noisePercentMax / 100) * row.values && noise.size > 1) {
    row.problems.push(
      `more than ${noisePercentMax} % differ between direct runs: ${brief(row.noise)}`,
    );
  }
  return row;
}

function isNonEmpty([name, { result }]) {
  if (
    /^(initialize|registered \d|shutdown|exit)$/.test(name) ||
    result === null ||
    result === undefined
  )
    return false;
  const content = result.items ?? result.data ?? result;
  return typeof content !== 'object' || Object.keys(content).length > 0;
}

function versionOf({ package: name, from }, info) {
  if (name === undefined) return /\d[\w.-]+/.exec(info?.version ?? '')?.[0] ?? '';
  const file = join(here, from === 'all' ? 'all' : '', 'node_modules', name, 'package.json');
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

function excerpt(answer) {
  return (answer?.text ?? 'nothing').slice(0, 300);
}

/** Nothing of this machine's but what programs need to run; nothing to phone home with. */
function environment(home) {
  const folders = {
    config: 'XDG_CONFIG_HOME',
    cache: 'XDG_CACHE_HOME',
    data: 'XDG_DATA_HOME',
    state: 'XDG_STATE_HOME',
    run: 'XDG_RUNTIME_DIR',
    tmp: 'TMPDIR',
  };
  const env = {
    PATH: [join(process.execPath, '..'), process.env.PATH].join(delimiter),
    HOME: home,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    DO_NOT_TRACK: '1',
    CHECKPOINT_DISABLE: '1',
    GOPROXY: 'off',
    GOFLAGS: '-mod=mod',
  };
  for (const [folder, name] of Object.entries(folders)) {
    env[name] = join(home, folder);
    mkdirSync(env[name], { recursive: true, mode: 0o700 });
  }
  return env;
}

/** A network namespace with only a loopback in it, where the system lets us. */
function offlinePrefix() {
  const up = ['sh', '-c', 'ip link set lo up 2>/dev/null; exec "$@"', 'sh'];
  for (const options of [['-n'], ['-rn']]) {
    const prefix = ['unshare', ...options, '--', ...up];
    if (spawnSync(prefix[0], [...prefix.slice(1), 'true']).status === 0) return prefix;
  }
  return [];
}

function isThere(command) {
  return spawnSync('sh', ['-c', 'command -v "$0"', command]).status === 0;
}

/** The big ones are a folder of their own, so that `--quick` installs little. */
function install() {
  const installed = join(here, 'all/node_modules/.package-lock.json');
  const isNewer =
    existsSync(installed) &&
    statSync(installed).mtimeMs > statSync(join(here, 'all/package-lock.json')).mtimeMs;
  if (isNewer) return;
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: join(here, 'all'),
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('npm ci in all/ failed');
}

function percent(part, whole) {
  return ((100 * part) / Math.max(whole, 1)).toFixed(2);
}

function brief(places) {
  const more = places.length - 6;
  return `${places.slice(0, 6).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
