// A language server with the adapter on: answers with the scope it ran in, and with the messages as they came.
import { createRequire } from 'node:module';

const { createConnection, ProposedFeatures } = createRequire(import.meta.url)(
  'vscode-languageserver/node',
);
const { correlated, requestOf } = await import(process.env.THROUGHLINE_LSP);
const { currentContext } = await import(process.env.THROUGHLINE);
const raw = [];
const heard = [];
const options = correlated({
  messageStrategy: {
    handleMessage(message, next) {
      raw.push(message);
      return next(message);
    },
  },
});
const connection = createConnection(ProposedFeatures.all, options);
const scope = () => {
  const context = currentContext();
  const { traceId, parentSpanId, isRoot, links } = context;
  return { traceId, parentSpanId, isRoot, links, sent: requestOf(context)?.remote?.origin };
};
connection.onInitialize(() => ({
  capabilities: { hoverProvider: true, executeCommandProvider: { commands: ['acme.fix'] } },
}));
connection.onHover(() => ({ contents: JSON.stringify(scope()) }));
connection.onExecuteCommand(() => scope());
connection.onRequest('acme/ask', async () => {
  await new Promise((resolve) => setImmediate(resolve));
  return scope();
});
connection.onRequest('acme/wait', async (_, token) => {
  await connection.sendNotification('acme/waiting');
  await new Promise((resolve) => token.onCancellationRequested(resolve));
  heard.push(scope());
  return null;
});
connection.onRequest('acme/callBack', () => connection.sendRequest('acme/back'));
connection.onRequest('acme/report', () => ({ raw: raw.splice(0), heard: heard.splice(0) }));
connection.listen();
