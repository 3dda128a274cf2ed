// An extension with the real vscode-languageclient, on a stub of the vscode module, and a real server in a process of its
// own: what is sent in a burst arrives with the id it was sent with. Needs a build; `npm ci` in this folder first.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { fileURLToPath } from 'node:url';

const built = (path) => new URL(`../../../dist/${path}/index.js`, import.meta.url).href;
const { Context, currentContext, runInContext } = await import(built('src/context'));
const { correlatedTransports } = await import(built('adapters/lsp'));
const { correlated } = await import(built('adapters/json-rpc'));

const stub = fileURLToPath(new URL('vscode.cjs', import.meta.url));
const resolve = Module._resolveFilename;
Module._resolveFilename = function resolveVscode(request, ...rest) {
  return request === 'vscode' ? stub : resolve.call(this, request, ...rest);
};
const require = createRequire(import.meta.url);
const vscode = require(stub);
const {
  LanguageClient,
  StreamMessageReader,
  StreamMessageWriter,
} = require('vscode-languageclient/node');

const startedUnder = { traceId: 'c'.repeat(32), spanId: 'c'.repeat(16) };

function launch() {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('server.mjs', import.meta.url)), '--stdio'],
    {
      env: {
        PATH: process.env.PATH,
        THROUGHLINE: built('src/context'),
        THROUGHLINE_LSP: built('adapters/lsp'),
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  return {
    reader: new StreamMessageReader(child.stdout),
    writer: new StreamMessageWriter(child.stdin),
    child,
  };
}

const server = correlatedTransports(async () => launch(), {
  client: 'Acme for Stub Code',
  env: { TRACEPARENT: `00-${startedUnder.traceId}-${startedUnder.spanId}-01` },
});
const client = new LanguageClient('acme', 'Acme', server, {
  documentSelector: [{ language: 'acme' }],
  connectionOptions: correlated({ env: {} }),
});
let back;
client.onRequest('acme/back', () => {
  back = currentContext();
  return null;
});
await client.start();

const report = async () => await client.sendRequest('acme/report');
const unstamped = ['initialize', 'initialized', 'shutdown', 'exit', '$/setTrace'];

const checks = {
  async 'starting up carries nothing'() {
    const { raw } = await report();
    const methods = raw.map((message) => message.method);
    assert.ok(methods.includes('initialize') && methods.includes('initialized'));
    for (const message of raw) {
      const isStamped = message._meta !== undefined;
      assert.equal(isStamped, !unstamped.includes(message.method), message.method);
    }
  },

  async '300 requests of one turn, each in a scope of its own, arrive with their own ids'() {
    const asked = Array.from({ length: 300 }, () => Context.begin());
    const answers = await Promise.all(
      asked.map((context) => runInContext(context, () => client.sendRequest('acme/ask', { a: 1 }))),
    );
    for (const [index, { traceId, parentSpanId }] of answers.entries()) {
      assert.equal(traceId, asked[index].traceId);
      assert.equal(parentSpanId, asked[index].spanId);
    }
  },

  async '300 requests of one turn without a scope are 300 roots, which say who asked'() {
    const answers = await Promise.all(
      Array.from({ length: 300 }, () => client.sendRequest('acme/ask', {})),
    );
    assert.equal(new Set(answers.map(({ traceId }) => traceId)).size, 300);
    for (const { isRoot, sent, links } of answers) {
      assert.equal(isRoot, false);
      assert.deepEqual(sent, { front: 'lsp', method: 'acme/ask', client: 'Acme for Stub Code' });
      assert.deepEqual(links, [startedUnder]);
    }
  },

  async 'requests that the library makes for the user are roots, commands by their name'() {
    const hover = await vscode.registered.hover[0].provideHover(
      { uri: vscode.Uri.file('/a'), languageId: 'acme' },
      new vscode.Position(0, 0),
      new vscode.CancellationTokenSource().token,
    );
    const hovered = JSON.parse(hover.contents.value);
    assert.equal(hovered.sent.method, 'textDocument/hover');
    const fixed = await vscode.registered.commands.get('acme.fix')();
    assert.equal(fixed.sent.name, 'acme.fix');
    assert.notEqual(fixed.traceId, hovered.traceId);
  },

  async 'a scope around a command covers all it asks for'() {
    const context = Context.begin();
    const [one, other] = await runInContext(context, async () => [
      await client.sendRequest('acme/ask', {}),
      await client.sendRequest('acme/ask', {}),
    ]);
    assert.equal(one.traceId, context.traceId);
    assert.equal(other.traceId, context.traceId);
  },

  async '40 cancels of one turn, in another order, carry the contexts of the requests they cancel'() {
    await report();
    const asked = Array.from({ length: 40 }, () => Context.begin());
    const sources = asked.map(() => new vscode.CancellationTokenSource());
    let waiting = 0;
    const all = new Promise((settle) => {
      client.onNotification('acme/waiting', () => (waiting += 1) === asked.length && settle());
    });
    const answers = asked.map((context, index) =>
      runInContext(context, () => client.sendRequest('acme/wait', {}, sources[index].token)),
    );
    await all;
    // From nobody's scope: a user presses a key.
    for (const source of sources.toReversed()) source.cancel();
    await Promise.allSettled(answers);
    const { heard } = await report();
    assert.deepEqual(
      heard.map(({ traceId }) => traceId),
      asked.map(({ traceId }) => traceId).toReversed(),
    );
  },

  async 'what the server asks back runs in a scope of its own'() {
    const context = Context.begin();
    await runInContext(context, () => client.sendRequest('acme/callBack', {}));
    assert.equal(back.isRoot, true);
    assert.notEqual(back.traceId, context.traceId);
  },

  'the types fit those of vscode-languageclient'() {
    const root = fileURLToPath(new URL('../../../', import.meta.url));
    const file = fileURLToPath(new URL('types-checked.ts', import.meta.url));
    writeFileSync(file, readFileSync(new URL('types.txt', import.meta.url)));
    const flags = '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --skipLibCheck';
    const target = '--module nodenext --target es2023 --lib es2023,esnext.disposable --types node';
    const { status, stdout } = spawnSync(
      process.execPath,
      [`${root}node_modules/typescript/bin/tsc`, ...flags.split(' '), ...target.split(' '), file],
      { cwd: root, encoding: 'utf8' },
    );
    rmSync(file);
    assert.equal(status, 0, stdout);
  },

  async 'a bare stream is refused when the server is started'() {
    const streams = correlatedTransports(async () => {
      const { reader, child } = launch();
      child.stdin.end();
      return { reader, writer: child.stdin };
    });
    await assert.rejects(streams(), { code: 'ARGUMENT_INVALID' });
  },
};

let failures = 0;
for (const [title, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok: ${title}`);
  } catch (error) {
    failures += 1;
    console.log(`FAILED: ${title}\n`, error);
  }
}
await client.stop();
process.exitCode = failures === 0 ? 0 : 1;
