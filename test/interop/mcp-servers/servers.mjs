// The servers and what each is asked. A dialogue runs in the same folder each time, so that paths are equal.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = (name) => fileURLToPath(new URL(`node_modules/.bin/${name}`, import.meta.url));
const chromium = '/usr/bin/chromium';
const call = (name, args = {}) => ['tools/call', { name, arguments: args }];
const lists = [['tools/list'], ['resources/list'], ['resources/templates/list'], ['prompts/list']];

export const isChromiumThere = existsSync(chromium);

export function prepare(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'a.txt'), 'first\nsecond\n');
}

export const servers = [
  {
    name: 'everything',
    isQuick: true,
    command: () => [bin('mcp-server-everything'), 'stdio'],
    asks: () => [
      ...lists,
      call('echo', { message: 'grüße \u{1F642} "quoted"\n' }),
      call('get-sum', { a: 9007199254740991, b: 0.1 }),
      call('get-structured-content', { location: 'Chicago' }),
      call('get-tiny-image'),
      call('get-annotated-message', { messageType: 'error', includeImage: false }),
      call('get-resource-links', { count: 3 }),
      call('nobody', {}),
      call('echo', { wrong: 1 }),
      ['prompts/get', { name: 'simple-prompt' }],
      [
        'completion/complete',
        {
          ref: { type: 'ref/prompt', name: 'completable-prompt' },
          argument: { name: 'department', value: 'E' },
        },
      ],
      ['ping'],
      ['nothing/like-this', { a: [1, 2] }],
    ],
  },
  {
    name: 'filesystem',
    isQuick: true,
    command: (folder) => [bin('mcp-server-filesystem'), folder],
    asks: (folder) => [
      ...lists,
      call('list_allowed_directories'),
      call('read_text_file', { path: join(folder, 'a.txt') }),
      call('write_file', { path: join(folder, 'b.txt'), content: 'grüße\n' }),
      call('edit_file', {
        path: join(folder, 'a.txt'),
        edits: [{ oldText: 'second', newText: 'third' }],
      }),
      call('list_directory', { path: folder }),
      call('directory_tree', { path: folder }),
      call('get_file_info', { path: join(folder, 'b.txt') }),
      call('read_text_file', { path: '/etc/hostname' }),
      ['ping'],
    ],
  },
  {
    name: 'memory',
    isQuick: true,
    command: () => [bin('mcp-server-memory')],
    env: (folder) => ({ MEMORY_FILE_PATH: join(folder, 'memory.jsonl') }),
    asks: () => [
      ...lists,
      call('create_entities', {
        entities: [{ name: 'x', entityType: 'y', observations: ['ä', '1'] }],
      }),
      call('add_observations', { observations: [{ entityName: 'x', contents: ['2'] }] }),
      call('read_graph'),
      call('search_nodes', { query: 'x' }),
      call('delete_entities', { entityNames: ['x'] }),
      call('read_graph'),
      ['ping'],
    ],
  },
  {
    name: 'sequential-thinking',
    command: () => [bin('mcp-server-sequential-thinking')],
    asks: () => [
      ...lists,
      ...[1, 2, 3].map((number) =>
        call('sequentialthinking', {
          thought: `thought ${number}`,
          thoughtNumber: number,
          totalThoughts: 3,
          nextThoughtNeeded: number < 3,
        }),
      ),
      call('sequentialthinking', { thought: 'half' }),
      ['ping'],
    ],
  },
  {
    name: 'playwright',
    command: (folder) => [
      bin('playwright-mcp'),
      '--headless',
      '--isolated',
      '--no-sandbox',
      '--output-dir',
      folder,
      ...(isChromiumThere ? ['--executable-path', chromium] : []),
    ],
    asks: () => [
      ...lists,
      call('browser_navigate', {
        url: 'data:text/html,<title>t</title><h1>Hello</h1><button>Press</button>',
      }),
      call('browser_snapshot'),
      call('browser_evaluate', { function: '() => document.title + 6 * 7' }),
      call('browser_tabs', { action: 'list' }),
      call('browser_close'),
      ['ping'],
    ],
  },
];
