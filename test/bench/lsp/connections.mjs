// The connections that are measured: the same twice, with the adapters and without.
import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import { Context, runInContext } from '../../../dist/src/context/index.js';
import {
  correlated as correlatedHost,
  stampWriter,
} from '../../../dist/adapters/json-rpc/index.js';
import { correlated } from '../../../dist/adapters/lsp/index.js';
import { bareScopes } from './sides.mjs';

const require = createRequire(import.meta.url);
const {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} = require('vscode-jsonrpc/node');
const { createConnection, ProposedFeatures } = require('vscode-languageserver/node');

const plain = (writer) => writer;

const hover = {
  textDocument: { uri: 'file:///workspace/src/context/json-rpc.ts' },
  position: { line: 41, character: 17 },
};

/** Two ends of a pair of pipes. */
function pipes() {
  const [there, back] = [new PassThrough(), new PassThrough()];
  return {
    near: { input: back, output: there },
    far: { input: there, output: back },
  };
}

function connect({ input, output }, stamp, options) {
  return createMessageConnection(
    new StreamMessageReader(input),
    stamp(new StreamMessageWriter(output)),
    undefined,
    options,
  );
}

/** An editor before a language server, which asks a workspace manager where `asks` is set. */
function platform({ serverOptions, managerOptions, stamp = plain, asks }) {
  const [toServer, toManager] = [pipes(), pipes()];
  const manager = connect(toManager.far, plain, managerOptions);
  manager.onRequest('actions/run', () => null);
  manager.listen();
  const asking = connect(toManager.near, stamp);
  asking.listen();
  const server = createConnection(
    ProposedFeatures.all,
    toServer.far.input,
    toServer.far.output,
    serverOptions,
  );
  server.onHover(asks ? () => asking.sendRequest('actions/run', { action: 'lint' }) : () => null);
  server.listen();
  const editor = connect(toServer.near, plain);
  editor.listen();
  return () => editor.sendRequest('textDocument/hover', hover);
}

/** One host asks another: every request of a scope of its own. */
function hosts({ options, stamp = plain, begin }) {
  const { near, far } = pipes();
  const answering = connect(far, stamp, options);
  answering.onRequest('actions/run', () => null);
  answering.listen();
  const asking = connect(near, stamp, options);
  asking.listen();
  const ask = () => asking.sendRequest('actions/run', { action: 'lint' });
  return begin === undefined ? ask : () => runInContext(begin(), ask);
}

const stamped = (writer) => stampWriter(writer);
const clocked = (writer) => stampWriter(writer, { responses: true });
export const connections = [
  {
    name: 'a hover that asks nobody: no id is minted',
    ceiling: 1.1,
    subject: () => platform({ serverOptions: correlated() }),
    bound: () => platform({ serverOptions: bareScopes() }),
    peer: () => platform({}),
  },
  {
    name: 'a hover that asks the workspace manager: minted and stamped',
    ceiling: 1.3,
    subject: () => platform({ serverOptions: correlated(), stamp: stamped, asks: true }),
    bound: () => platform({ serverOptions: bareScopes(), asks: true }),
    peer: () => platform({ asks: true }),
  },
  {
    name: 'the same, with a workspace manager that reads it',
    subject: () =>
      platform({
        serverOptions: correlated(),
        managerOptions: correlatedHost(),
        stamp: stamped,
        asks: true,
      }),
    bound: () =>
      platform({ serverOptions: bareScopes(), managerOptions: bareScopes(), asks: true }),
    peer: () => platform({ asks: true }),
  },
  {
    name: 'one hop between hosts: minted, stamped, read, the answer clocked',
    subject: () =>
      hosts({ options: correlatedHost(), stamp: clocked, begin: () => Context.begin() }),
    bound: () => hosts({ options: bareScopes() }),
    peer: () => hosts({}),
  },
];
