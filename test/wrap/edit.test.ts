/** What `wrap` makes of a configuration's text, and that `--undo` takes back exactly that. */
import * as fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, test } from 'vitest';
import { readServers } from '../../src/cli/wrap/configuration.js';
import { unifiedDiff } from '../../src/cli/wrap/diff.js';
import { apply, plan, type Wish } from '../../src/cli/wrap/plan.js';

const launcher = { node: '/usr/bin/node', bin: '/opt/throughline/throughline.cjs' };

function wrap(text: string, wish: Partial<Wish> = {}): string {
  const all = { undo: false, record: [], http: false, launcher, ...wish };
  return apply(text, plan(text, readServers(text, 'mcp.json'), all));
}

function decisions(text: string, wish: Partial<Wish> = {}): string[] {
  const all = { undo: false, record: [], http: false, launcher, ...wish };
  return plan(text, readServers(text, 'mcp.json'), all).map(
    ({ server, what }) => `${server}: ${what}`,
  );
}

const commented = `{
  // Mine.
  "mcpServers": {
    "memory": {
      "command": "npx", // from npm
      "args": [
        "-y", /* always */
        "@modelcontextprotocol/server-memory",
      ],
      "env": { "KEY": "secret" },
    },
  },
}
`;

test('puts a server behind the proxy and leaves every comment, comma and blank where it was', () => {
  expect(wrap(commented)).toBe(`{
  // Mine.
  "mcpServers": {
    "memory": {
      "command": "/usr/bin/node", // from npm
      "args": [
        "/opt/throughline/throughline.cjs", "proxy", "mcp", "--", "npx",
        "-y", /* always */
        "@modelcontextprotocol/server-memory",
      ],
      "env": { "KEY": "secret" },
    },
  },
}
`);
});

test('puts the named servers behind the recorder, also those that are behind the proxy already', () => {
  const recorded = wrap(commented, { record: ['memory'] });
  expect(recorded).toContain('"/opt/throughline/throughline.cjs", "record", "mcp", "--", "npx",');
  expect(wrap(wrap(commented), { record: ['memory'] })).toBe(recorded);
});

test('gives a server without arguments some, and takes them away again', () => {
  const text = '{"servers":{"one":{"command":"a\\u0062c","type":"stdio"}}}';
  const wrapped =
    '{"servers":{"one":{"command":"/usr/bin/node", "args": ["/opt/throughline/throughline.cjs", "proxy", "mcp", "--", "a\\u0062c"],"type":"stdio"}}}';
  expect(wrap(text)).toBe(wrapped);
  expect(wrap(wrapped, { undo: true })).toBe(text);
});

test('changes nothing in a configuration that is wrapped already', () => {
  const once = wrap(commented);
  expect(wrap(once)).toBe(once);
  expect(decisions(once)).toEqual(['memory: through the proxy already']);
});

test('follows node and the package when they have moved', () => {
  const moved = { node: '/new/node', bin: '/new/throughline.cjs' };
  expect(wrap(wrap(commented), { launcher: moved })).toBe(wrap(commented, { launcher: moved }));
});

test('keeps what a user has put among our words', () => {
  const text =
    '{"mcpServers":{"a":{"command":"throughline","args":["record","mcp","--root","/r","--","srv","-x"]}}}';
  expect(wrap(text)).toBe(text);
  expect(wrap(text, { undo: true })).toBe('{"mcpServers":{"a":{"command":"srv","args":["-x"]}}}');
});

describe('remote servers', () => {
  const remote = `{
  "servers": {
    "there": {
      "type": "http",
      "url": "https://example.com/mcp"
    },
    "secret": { "url": "https://example.com/mcp", "headers": { "Authorization": "Bearer x" } },
    "old": { "type": "sse", "url": "https://example.com/sse" }
  }
}
`;

  test('are listed and left alone', () => {
    expect(wrap(remote)).toBe(remote);
    expect(decisions(remote)).toEqual([
      'there: left alone: remote; --http moves it behind the proxy',
      'secret: left alone: remote; --http moves it behind the proxy',
      'old: left alone: remote, of type "sse"',
    ]);
  });

  test('are moved behind the proxy on request, but for those that carry secrets, and back', () => {
    const moved = wrap(remote, { http: true });
    expect(moved).toBe(
      remote
        .replace('"type": "http"', '"type": "stdio"')
        .replace(
          '"url": "https://example.com/mcp"\n',
          '"command": "/usr/bin/node",\n      "args": ["/opt/throughline/throughline.cjs", "proxy", "mcp", "--http", "https://example.com/mcp"]\n',
        ),
    );
    expect(decisions(remote, { http: true })[1]).toBe(
      'secret: left alone: remote, and it sends headers of its own',
    );
    expect(wrap(moved, { undo: true })).toBe(remote);
  });
});

test.each([
  ['[]', 'mcp.json: holds no object'],
  ['{"a":1}', 'mcp.json: holds no servers: neither "mcpServers" nor "servers" stands in it'],
  ['{"mcpServers":{}', 'mcp.json:1:17: is not JSON with comments: CloseBraceExpected'],
  [
    '{"mcpServers":{},"servers":{}}',
    'mcp.json: holds both "mcpServers" and "servers": which one its client reads is not known',
  ],
  ['{"servers":[]}', 'mcp.json:1:12: "servers" is not an object'],
  [
    '{"mcpServers":{"a":{}}}',
    'mcp.json:1:20: server "a" has to have a "command" or a "url", and one of them',
  ],
  [
    '{"mcpServers":{"a":{"command":"x","url":"y"}}}',
    'mcp.json:1:20: server "a" has to have a "command" or a "url", and one of them',
  ],
  [
    '{"mcpServers":{\n"a":{"command":1}}}',
    'mcp.json:2:5: server "a" has a "command" that is not text',
  ],
  [
    '{"mcpServers":{"a":{"command":"x","args":["-y",1]}}}',
    'mcp.json:1:20: server "a" has "args" that are not a list of texts',
  ],
  ['{"mcpServers":{"a":3}}', 'mcp.json:1:20: server "a" is not an object'],
  [
    '{"mcpServers":{"a":{"command":"x"},"a":{"command":"y"}}}',
    'mcp.json:1:36: "a" stands twice in one object',
  ],
])('refuses %s and says why', (text, message) => {
  expect(() => readServers(text, 'mcp.json')).toThrow(message);
});

test('refuses to record what is no server, or a remote one', () => {
  expect(() => wrap(commented, { record: ['nobody'] })).toThrow(
    '--record nobody: no server is called so',
  );
  const remote = '{"servers":{"far":{"url":"https://example.com"}}}';
  expect(() => wrap(remote, { record: ['far'] })).toThrow(
    '--record far: it is remote, and only a local server can be recorded',
  );
});

test('takes back exactly what it did, whatever the text looks like', () => {
  const blank = fc.constantFrom('', ' ', '\n', '\n    ', '\r\n\t', ' /* why */ ', ' // so\n ');
  const word = fc
    .string({ unit: 'binary', maxLength: 6 })
    .filter((one) => !one.includes('throughline'))
    .map((one) => JSON.stringify(one === '' ? 'x' : one));
  const member = fc.tuple(word, word, blank, blank).map(([, value, a, b]) => [value, a, b]);
  const entry = fc
    .record({
      command: word,
      args: fc.option(fc.array(member, { minLength: 1, maxLength: 4 })),
      blanks: fc.array(blank, { minLength: 6, maxLength: 6 }),
      isFirst: fc.boolean(),
      tail: fc.constantFrom('', ','),
    })
    .map(({ command, args, blanks, isFirst, tail }) => {
      const [a, b, c, d, e, f] = blanks;
      const own = `"command"${a}:${b}${command}${c}`;
      if (args === null) return `{${d}${own}${tail}${e}}`;
      const list = args.map(([value, before, after]) => `${before}${value}${after}`).join(',');
      const other = `"args":${e}[${list}${tail}${f}]`;
      return isFirst ? `{${own},${d}${other}${tail}}` : `{${other},${d}${own}${tail}}`;
    });
  const file = fc
    .tuple(
      fc.array(entry, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('mcpServers', 'servers'),
      blank,
      fc.constantFrom('', '\uFEFF'),
    )
    .map(
      ([entries, shape, gap, mark]) =>
        `${mark}{${gap}"${shape}": {${entries.map((one, index) => `${gap}"s${index}":${gap}${one}`).join(',')}}}`,
    );
  fc.assert(
    fc.property(file, (text) => {
      const wrapped = wrap(text, { record: ['s0'] });
      expect(wrap(wrapped, { undo: true })).toBe(text);
      const was = Object.entries(serversIn(text));
      const is = serversIn(wrapped);
      for (const [name, server] of was) {
        const mode = name === 's0' ? 'record' : 'proxy';
        expect(is[name]).toEqual({
          command: launcher.node,
          args: [launcher.bin, mode, 'mcp', '--', server.command, ...(server.args ?? [])],
        });
      }
    }),
    { numRuns: 200 },
  );
});

interface Server {
  readonly command: string;
  readonly args?: readonly string[];
}

function serversIn(text: string): Record<string, Server> {
  const { mcpServers, servers } = parse(text.replace('\uFEFF', '')) as Record<
    string,
    Record<string, Server> | undefined
  >;
  return mcpServers ?? servers ?? {};
}

test('shows the lines it changes, with one line around them', () => {
  const entries = readServers(commented, 'mcp.json');
  const edits = plan(commented, entries, { undo: false, record: [], http: false, launcher });
  expect(
    unifiedDiff(
      'mcp.json',
      commented,
      edits.flatMap((one) => one.edits),
    ),
  ).toEqual([
    '--- mcp.json',
    '+++ mcp.json',
    '@@ -4,5 +4,6 @@',
    '     "memory": {',
    '-      "command": "npx", // from npm',
    '-      "args": [',
    '-        "-y", /* always */',
    '+      "command": "/usr/bin/node", // from npm',
    '+      "args": [',
    '+        "/opt/throughline/throughline.cjs", "proxy", "mcp", "--", "npx",',
    '+        "-y", /* always */',
    '         "@modelcontextprotocol/server-memory",',
  ]);
});
