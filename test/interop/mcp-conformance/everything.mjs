// A server with what the conformance tests ask of one, on SDK 1.
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  CreateMessageResultSchema,
  ElicitResultSchema,
  ListToolsRequestSchema,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const wav = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';
const user = (content) => ({ role: 'user', content });
const text = (words) => ({ type: 'text', text: words });
const image = { type: 'image', data: png, mimeType: 'image/png' };
const embedded = (uri, words, mimeType = 'text/plain') => ({
  type: 'resource',
  resource: { uri, mimeType, text: words },
});
const pause = () =>
  new Promise((resolve) => {
    setTimeout(resolve, 50);
  });

export function newServer() {
  const capabilities = {
    tools: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    prompts: { listChanged: true },
    logging: {},
    completions: {},
  };
  const server = new McpServer({ name: 'everything', version: '1.0.0' }, { capabilities });
  addContent(server);
  addConversation(server);
  addElicitation(server);
  addResources(server);
  addPrompts(server);
  addRaw(server.server);
  return server;
}

function addContent(server) {
  const tool = (name, content) =>
    server.registerTool(name, { description: name }, async () => ({ content }));
  tool('test_simple_text', [text('This is a simple text response for testing.')]);
  tool('test_image_content', [image]);
  tool('test_audio_content', [{ type: 'audio', data: wav, mimeType: 'audio/wav' }]);
  tool('test_embedded_resource', [
    embedded('test://embedded-resource', 'This is an embedded resource content.'),
  ]);
  tool('test_multiple_content_types', [
    text('Multiple content types test:'),
    image,
    embedded('test://mixed-content-resource', '{"test":"data","value":123}', 'application/json'),
  ]);
  server.registerTool('test_error_handling', { description: 'fails' }, async () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
}

function addConversation(server) {
  server.registerTool('test_tool_with_logging', { description: 'logs' }, async (extra) => {
    for (const data of [
      'Tool execution started',
      'Tool processing data',
      'Tool execution completed',
    ]) {
      await extra.sendNotification({
        method: 'notifications/message',
        params: { level: 'info', data },
      });
      await pause();
    }
    return { content: [text('logged')] };
  });
  server.registerTool('test_tool_with_progress', { description: 'progresses' }, async (extra) => {
    const progressToken = extra._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      const params = { progressToken, progress, total: 100 };
      if (progressToken !== undefined)
        await extra.sendNotification({ method: 'notifications/progress', params });
      await pause();
    }
    return { content: [text(String(progressToken))] };
  });
  server.registerTool(
    'test_sampling',
    { description: 'samples', inputSchema: { prompt: z.string() } },
    async ({ prompt }, extra) => {
      const messages = [{ role: 'user', content: text(prompt) }];
      const result = await extra.sendRequest(
        { method: 'sampling/createMessage', params: { messages, maxTokens: 100 } },
        CreateMessageResultSchema,
      );
      return { content: [text(`LLM response: ${result.content.text}`)] };
    },
  );
}

const elicited = {
  test_elicitation_sep1034_defaults: {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  },
  test_elicitation_sep1330_enums: {
    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    titledSingle: {
      type: 'string',
      oneOf: [
        { const: 'value1', title: 'First Option' },
        { const: 'value2', title: 'Second Option' },
      ],
    },
    legacyEnum: { type: 'string', enum: ['opt1', 'opt2'], enumNames: ['Option One', 'Option Two'] },
    untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2'] } },
    titledMulti: {
      type: 'array',
      items: {
        anyOf: [
          { const: 'value1', title: 'First' },
          { const: 'value2', title: 'Second' },
        ],
      },
    },
  },
};

async function ask(extra, message, properties, required) {
  const requestedSchema = { type: 'object', properties, required };
  const { action, content } = await extra.sendRequest(
    { method: 'elicitation/create', params: { message, requestedSchema } },
    ElicitResultSchema,
  );
  const words = `action=${action}, content=${JSON.stringify(content ?? {})}`;
  return { content: [text(`Elicitation completed: ${words}`)] };
}

function addElicitation(server) {
  const properties = {
    username: { type: 'string', description: "User's response" },
    email: { type: 'string', description: "User's email address" },
  };
  server.registerTool(
    'test_elicitation',
    { description: 'asks', inputSchema: { message: z.string() } },
    async ({ message }, extra) => await ask(extra, message, properties, ['username', 'email']),
  );
  for (const [name, asked] of Object.entries(elicited)) {
    server.registerTool(
      name,
      { description: name },
      async (extra) => await ask(extra, name, asked, []),
    );
  }
}

function addResources(server) {
  const add = (name, uri, contents) =>
    server.registerResource(name, uri, { description: name }, async () => ({
      contents: [contents],
    }));
  const uri = 'test://static-text';
  add('static-text', uri, {
    uri,
    mimeType: 'text/plain',
    text: 'This is the content of the static text resource.',
  });
  add('static-binary', 'test://static-binary', {
    uri: 'test://static-binary',
    mimeType: 'image/png',
    blob: png,
  });
  add('watched', 'test://watched-resource', { uri: 'test://watched-resource', text: 'watched' });
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined });
  server.registerResource(
    'template',
    template,
    { description: 'template' },
    async (found, { id }) => ({
      contents: [
        {
          uri: found.href,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
        },
      ],
    }),
  );
}

function addPrompts(server) {
  const prompt = (name, messages) =>
    server.registerPrompt(name, { description: name }, async () => ({ messages }));
  prompt('test_simple_prompt', [user(text('This is a simple prompt for testing.'))]);
  prompt('test_prompt_with_image', [user(image), user(text('Please analyze the image above.'))]);
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'arguments', argsSchema: { arg1: z.string(), arg2: z.string() } },
    async ({ arg1, arg2 }) => ({
      messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))],
    }),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'resource', argsSchema: { resourceUri: z.string() } },
    async ({ resourceUri }) => ({
      messages: [
        user(embedded(resourceUri, 'Embedded resource content for testing.')),
        user(text('Please process the embedded resource above.')),
      ],
    }),
  );
}

/** What the high-level class has no word for. */
function addRaw(server) {
  server.setRequestHandler(SetLevelRequestSchema, () => ({}));
  server.setRequestHandler(SubscribeRequestSchema, () => ({}));
  server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));
  server.setRequestHandler(
    z.object({ method: z.literal('completion/complete'), params: z.any() }),
    () => ({
      completion: { values: ['paris', 'park', 'party'], total: 150, hasMore: false },
    }),
  );
  const listTools = server._requestHandlers.get('tools/list');
  server.setRequestHandler(ListToolsRequestSchema, async (request, extra) => {
    const { tools } = await listTools(request, extra);
    return { tools: [...tools, schemaTool] };
  });
}

const schemaTool = {
  name: 'json_schema_2020_12_tool',
  description: 'Tool with JSON Schema 2020-12 features',
  inputSchema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: {
      address: {
        type: 'object',
        properties: { street: { type: 'string' }, city: { type: 'string' } },
      },
    },
    properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
    additionalProperties: false,
  },
};
