/** An editor as strict as Emacs: every envelope member it does not know is noted. */
import { fileURLToPath } from 'node:url';
import { Client, type Message } from '../json-rpc/client.js';

export type { Message };

const knownMembers = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);

export interface EditorOptions {
  readonly settings?: Message;
  readonly env?: Record<string, string>;
  /** Arguments of Node itself. */
  readonly node?: readonly string[];
}

export class Editor extends Client {
  readonly unknownMembers: string[] = [];

  constructor({ settings = {}, env = {}, node = [] }: EditorOptions = {}) {
    super({
      script: fileURLToPath(new URL('fixtures/server.mjs', import.meta.url)),
      parameters: ['--stdio'],
      env: { SERVER_SETTINGS: JSON.stringify(settings), ...env },
      node,
    });
  }

  async start(initialize: Message = {}, envelope: Message = {}): Promise<void> {
    await this.request(
      'initialize',
      {
        processId: process.pid,
        rootUri: null,
        clientInfo: { name: 'Strict Editor', version: '1' },
        capabilities: {
          workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
        },
        ...initialize,
      },
      envelope,
    );
    this.send({ method: 'initialized', params: {} });
  }

  protected override onMessage(message: Message): void {
    for (const member of Object.keys(message)) {
      if (!knownMembers.has(member)) this.unknownMembers.push(member);
    }
    if ('method' in message && 'id' in message) {
      const result = message['method'] === 'workspace/configuration' ? [{}] : null;
      this.send({ id: message['id'], result });
    }
  }
}
