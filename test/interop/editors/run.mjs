// Neovim and Emacs (eglot), headless: diagnostics, hover and a command of the workbench's language server and of a real
// one, directly and through `throughline proxy lsp`. Needs a build; `npm ci` in this folder first.
//   node run.mjs [--require] [--only EDITOR,…]
import { spawnSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const here = fileURLToPath(new URL('./', import.meta.url));
const waitMs = 20_000;

const { values: flags } = parseArgs({
  options: {
    // An editor that is not installed fails instead of being SKIPPED.
    require: { type: 'boolean' },
    only: { type: 'string' },
    quick: { type: 'boolean' },
  },
});

const scratch = mkdtempSync(join(tmpdir(), 'throughline-editors-'));
const workspace = join(scratch, 'workspace');
const file = join(workspace, 'main.js');
mkdirSync(workspace);
writeFileSync(
  file,
  `/** Adds a task. */
function addTask(title) {
  debugger;
  return { title, isDone: false };
}

const task = addTask('write it down');
task.missing();
`,
);
writeFileSync(join(workspace, '.oxlintrc.json'), '{ "rules": { "no-debugger": "error" } }\n');
writeFileSync(
  join(workspace, 'jsconfig.json'),
  '{ "compilerOptions": { "checkJs": true, "types": [] } }\n',
);
// The workbench's tools are the workspace's own.
symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'), 'dir');
spawnSync('git', ['init', '-q'], { cwd: workspace });

const env = { PATH: process.env.PATH, HOME: scratch, LANG: 'C.UTF-8', TERM: 'dumb' };
const workbench = (path) => join(root, 'dist/docs/examples/workbench', path);
const manager = spawn(
  process.execPath,
  [workbench('wm/main.js'), '--workspace', workspace, '--root', join(scratch, 'root')],
  { env, stdio: ['ignore', 'pipe', 'inherit'] },
);
const [ready] = await once(createInterface({ input: manager.stdout }), 'line');
env.WORKBENCH_PORT = String(JSON.parse(ready).port);

const editors = {
  neovim: {
    needs: ['nvim', '--version'],
    start: ['nvim', '--headless', '--clean', '-c', `luafile ${join(here, 'drive.lua')}`],
  },
  emacs: {
    needs: ['emacs', '--batch', '--eval', '(progn (package-initialize) (require (quote eglot)))'],
    start: ['emacs', '--batch', '-l', join(here, 'drive.el')],
  },
};

const proxy = (command, mode = 'meta') => [
  process.execPath,
  join(root, 'dist/src/cli/throughline.cjs'),
  'proxy',
  'lsp',
  '--inject',
  mode,
  '--',
  ...command,
];
const workbenchServer = [process.execPath, workbench('fronts/lsp.js'), '--stdio'];
const typescriptServer = [join(here, 'node_modules/.bin/typescript-language-server'), '--stdio'];
const lint = (reason) => ({
  command: 'workbench.lint',
  arguments: [{ reason, files: ['main.js'] }],
});
const typescript = {
  options: {
    tsserver: { path: join(here, 'node_modules/typescript/lib/tsserver.js') },
    disableAutomaticTypingAcquisition: true,
  },
  hover: { line: 7, column: 15 },
  execute: { command: '_typescript.organizeImports', arguments: [file] },
  says: { diagnostic: /missing|title/, hover: /Adds a task/ },
};
const servers = {
  workbench: {
    command: workbenchServer,
    hover: { line: 3, column: 3 },
    execute: lint,
    says: { diagnostic: /debugger/, hover: /debugger/, command: /"found": ?[1-9]/ },
  },
  typescript: { command: typescriptServer, ...typescript },
};

const cases = [];
for (const [editor, { needs }] of Object.entries(editors)) {
  if (flags.only !== undefined && !flags.only.split(',').includes(editor)) continue;
  const isThere = spawnSync(needs[0], needs.slice(1), { env, stdio: 'ignore' }).status === 0;
  for (const [server, { command }] of Object.entries(servers)) {
    cases.push({ editor, server, isThere, way: 'directly', command });
    for (const mode of ['meta', 'w3c', 'params-meta']) {
      cases.push({
        editor,
        server,
        isThere,
        way: `--inject ${mode}`,
        command: proxy(command, mode),
      });
    }
  }
}

let failures = 0;
for (const [index, one] of cases.entries()) {
  const title = `${one.editor}, ${one.server}, ${one.way}`;
  if (!one.isThere) {
    if (flags.require) failures += 1;
    console.log(`${flags.require ? 'FAILED' : 'SKIPPED'}: ${title}: the editor is not installed`);
    continue;
  }
  const problems = drive(one, index);
  if (problems.length > 0) failures += 1;
  console.log(`${problems.length === 0 ? 'ok' : 'FAILED'}: ${title}`);
  for (const problem of problems) console.log(`  ${problem}`);
}
control();
manager.kill('SIGTERM');
await once(manager, 'exit');
rmSync(scratch, { recursive: true, force: true });
process.exitCode = failures === 0 ? 0 : 1;

function drive({ editor, server, command }, index) {
  const { says, hover, options, execute } = servers[server];
  const reason = `editor ${index}`;
  const out = join(scratch, `seen-${index}.json`);
  const ask = {
    file,
    workspace,
    command,
    options: options ?? {},
    hover,
    execute: typeof execute === 'function' ? execute(reason) : execute,
    waitMs,
    out,
  };
  const askFile = join(scratch, `ask-${index}.json`);
  writeFileSync(askFile, JSON.stringify(ask));
  const [program, ...args] = editors[editor].start;
  const { stdout, stderr, status, error } = spawnSync(program, args, {
    cwd: workspace,
    env: { ...env, EDITOR_ASK: askFile },
    encoding: 'utf8',
    timeout: 4 * waitMs,
  });
  const printed = `${stdout}${stderr}`;
  const problems = [];
  // What eglot says of a member it does not know.
  if (/not one of|not allowed|invalid/i.test(printed)) problems.push(printed.slice(-1000));
  let seen;
  try {
    seen = JSON.parse(readFileSync(out, 'utf8'));
  } catch {
    return [...problems, `it said nothing: ${status} ${error ?? ''} ${printed.slice(-1000)}`];
  }
  if (seen.problem !== undefined) problems.push(seen.problem);
  if (seen.ended !== true) problems.push('the server did not end');
  const parts = {
    diagnostic: JSON.stringify(seen.diagnostics),
    hover: JSON.stringify(seen.hover),
    command: JSON.stringify(seen.command),
  };
  for (const [what, pattern] of Object.entries(says)) {
    if (!pattern.test(parts[what])) problems.push(`${what}: ${parts[what]}`);
  }
  if (server === 'workbench') problems.push(...streamed(reason, parts.command));
  return problems;
}

/** Whether this machine's Emacs is still one that would notice; newer ones may not be. */
function control() {
  const emacs = cases.find(({ editor, isThere }) => editor === 'emacs' && isThere);
  if (emacs === undefined) return;
  const command = [process.execPath, join(here, 'adding.mjs'), ...workbenchServer];
  const problems = drive({ ...emacs, server: 'workbench', command }, 'control');
  const isStrict = problems.length > 0;
  console.log(
    isStrict
      ? 'ok: a member more in what the server sends is more than this Emacs takes'
      : 'SKIPPED: this Emacs takes members it does not know, so its cases prove less',
  );
  if (!isStrict && flags.require) failures += 1;
}

/** What the editor was told of its command is what the workspace manager wrote down. */
function streamed(reason, told) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'dist/src/cli/throughline.cjs'), 'runs', '--json', '--root', join(scratch, 'root')],
    { env, encoding: 'utf8' },
  );
  if (status !== 0) return [`throughline runs: ${stderr}`];
  const id = /"correlation_id": ?"(\w+)"/.exec(told)?.[1];
  const line = stdout.split('\n').find((text) => id !== undefined && text.includes(id));
  if (line === undefined) return [`no run of ${id} for ${reason}: ${stdout.slice(0, 500)}`];
  return line.includes('"via":"lsp"') ? [] : [`not from an LSP front: ${line.slice(0, 500)}`];
}
