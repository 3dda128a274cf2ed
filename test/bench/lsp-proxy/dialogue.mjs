/** A dialogue like one recorded from typescript-language-server on a large file: the same sizes, made anew and always equal. */

/** A small generator, so that every run has the same bytes. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

const frame = (message) => {
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
};

const uri = 'file:///home/somebody/projects/workspace/packages/client/src/lib.dom.d.ts';

/** 700 kB of declarations. */
function source(pick) {
  const lines = [];
  for (let size = 0; size < 700_000;) {
    const line =
      pick(4) === 0
        ? `    /** Returns the "${pick(1e6)}" of it. [MDN](https://developer.mozilla.org/${pick(1e6)}) */`
        : `    readonly property${pick(1e6)}: (this: GlobalEventHandlers, ev: Event) => any | null;`;
    lines.push(line);
    size += line.length + 1;
  }
  return lines.join('\n');
}

/** 730 messages, 1.6 MB: half of them are at most 237 bytes. */
export function clientToServer() {
  const pick = random(1);
  const text = source(pick);
  const textDocument = { uri, version: 1 };
  const messages = [
    frame({
      id: 0,
      method: 'initialize',
      params: { processId: 4242, clientInfo: { name: 'bench' } },
    }),
    frame({ method: 'textDocument/didOpen', params: { textDocument: { ...textDocument, text } } }),
  ];
  for (let index = 1; index < 727; index += 1) {
    const position = { line: pick(9999), character: pick(80) };
    if (index % 3 === 0) {
      const contentChanges = [{ range: { start: position, end: position }, text: 'x' }];
      messages.push(
        frame({
          method: 'textDocument/didChange',
          params: { textDocument: { uri, version: index }, contentChanges },
        }),
      );
    } else {
      const method = ['hover', 'completion', 'definition', 'documentHighlight'][pick(4)];
      const params = { textDocument: { uri }, position };
      messages.push(frame({ id: index, method: `textDocument/${method}`, params }));
    }
  }
  const contentChanges = [{ text }];
  messages.push(
    frame({ method: 'textDocument/didChange', params: { textDocument, contentChanges } }),
  );
  messages.push(frame({ id: 999, method: 'shutdown' }));
  return messages;
}

/** 343 messages, 12.5 MB: 48 of them hold completion lists or semantic tokens of over 100 kB. */
export function serverToClient() {
  const pick = random(2);
  const messages = [];
  for (let index = 0; index < 343; index += 1) {
    if (index % 14 === 0)
      messages.push(frame({ id: index, result: completions(pick, 1500 + pick(1200)) }));
    else if (index % 14 === 7)
      messages.push(frame({ id: index, result: tokens(pick, 60_000 + pick(90_000)) }));
    else if (index % 3 === 0)
      messages.push(
        frame({ method: 'textDocument/publishDiagnostics', params: { uri, diagnostics: [] } }),
      );
    else
      messages.push(
        frame({
          id: index,
          result: { contents: { kind: 'markdown', value: '```typescript\nconst a: "b"\n```' } },
        }),
      );
  }
  return messages;
}

function completions(pick, count) {
  const items = Array.from({ length: count }, (_, index) => ({
    label: `property${pick(1e6)}`,
    kind: pick(20),
    sortText: '11',
    data: {
      cacheId: index,
      file: uri,
      entryNames: [{ name: `property${index}`, source: '"dom"' }],
    },
  }));
  return { isIncomplete: false, items };
}

function tokens(pick, count) {
  return { data: Array.from({ length: count }, () => (pick(3) === 0 ? pick(12) : pick(120))) };
}

/** As a pipe hands it over. */
export function chunks(messages, bytes = 65_536) {
  const wire = Buffer.concat(messages);
  const cut = [];
  for (let at = 0; at < wire.length; at += bytes) cut.push(wire.subarray(at, at + bytes));
  return cut;
}
