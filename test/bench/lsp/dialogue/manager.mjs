// A workspace manager over stdio that answers at once and reads no context.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} = require('vscode-jsonrpc/node');

const connection = createMessageConnection(
  new StreamMessageReader(process.stdin),
  new StreamMessageWriter(process.stdout),
);
connection.onRequest('actions/run', () => null);
connection.onClose(() => process.exit(0));
connection.listen();
