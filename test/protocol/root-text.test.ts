/** The ready context of a new root: which bytes it has, which of them change, and where it goes. */
import { describe, expect, it } from 'vitest';
import { processClock } from '../../src/context/index.js';
import { writeRootIds } from '../../src/context/id-bytes.js';
import {
  inserted,
  outline,
  RootText,
  rootPlace,
  type SpliceForm,
} from '../../src/protocol/index.js';

const origin = { front: 'lsp', method: 'a/b', name: 'n', client: 'c' };
const link = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
} as never;
const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const shape =
  /00-([0-9a-f]{12})([0-9a-f]{20})-([0-9a-f]{16})-03","tracestate":"tl=([0-9A-F][0-9A-HJKMNP-TV-Z]{12})/;

/** With what changes spelled short. */
function shortened(text: string): string {
  return text.replace(shape, '00-TRACE-SPAN-03","tracestate":"tl=CLOCK');
}

describe('the text', () => {
  it.each<readonly [SpliceForm, string]>([
    ['meta', '"_meta":{"traceparent":"00-TRACE-SPAN-03","tracestate":"tl=CLOCK;lsp;a/b;n;c"},'],
    ['w3c', '"traceparent":"00-TRACE-SPAN-03","tracestate":"tl=CLOCK;lsp;a/b;n;c",'],
    [
      'params-meta',
      '"_meta":{"traceparent":"00-TRACE-SPAN-03","tracestate":"tl=CLOCK;lsp;a/b;n;c"},',
    ],
  ])('in the form %s has these members and a comma behind', (form, expected) => {
    const text = new RootText(form, origin, []);
    for (let count = 0; count < 3; count += 1) {
      expect(shortened(String(text.next()))).toBe(expected);
    }
  });

  it('names causes, and methods as odd as they come, without moving what changes', () => {
    const odd = { front: 'lsp', method: '"tl=\\x;,00-é' };
    const text = new RootText('meta', odd, [link]);
    for (let count = 0; count < 2; count += 1) {
      const now = String(text.next());
      const members = JSON.parse(`{${now.slice(0, -1)}}`) as { _meta: Record<string, string> };
      expect(shortened(now).startsWith('"_meta":{"traceparent":"00-TRACE-SPAN-03"')).toBe(true);
      expect(members._meta['tracestate']?.slice(16)).toBe(
        ';lsp;"tl%3D\\x%3B%2C00-%C3%A9,tl-links=0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331',
      );
    }
  });

  it('has new ids and a later clock each time, in the one order of all texts', () => {
    const texts = [
      new RootText('meta', origin, []),
      new RootText('w3c', { front: 'lsp', method: 'another' }, [link]),
    ];
    const [traces, spans] = [new Set<string>(), new Set<string>()];
    let before: string = processClock().tick();
    const beganMs = Date.now();
    for (let count = 0; count < 5000; count += 1) {
      const match = shape.exec(String(texts[count % 2]?.next()));
      const [, time = '', random = '', span = '', clock = ''] = match ?? [];
      expect(clock > before).toBe(true);
      before = clock;
      expect(Number.parseInt(time, 16)).toBeGreaterThanOrEqual(beganMs);
      expect(Number.parseInt(time, 16)).toBeLessThanOrEqual(Date.now());
      traces.add(time + random);
      spans.add(span);
    }
    expect(processClock().tick() > before).toBe(true);
    expect(traces.size).toBe(5000);
    expect(spans.size).toBe(5000);
  });
});

describe('ids', () => {
  it('are written where they were asked for, and nowhere else', () => {
    const target = Buffer.alloc(60, '.');
    writeRootIds(target, 2, 40);
    expect(String(target)).toMatch(/^\.\.[0-9a-f]{32}\.{6}[0-9a-f]{16}\.{4}$/);
  });

  it('have every digit at every place but the time', () => {
    const seen = Array.from({ length: 36 }, () => new Set<string>());
    const target = Buffer.alloc(48);
    for (let count = 0; count < 2000; count += 1) {
      writeRootIds(target, 0, 32);
      const random = target.toString('latin1', 12);
      for (const [index, digits] of seen.entries()) digits.add(random[index] ?? '');
    }
    for (const digits of seen) expect([...digits].toSorted().join('')).toBe('0123456789abcdef');
  });
});

describe('the place', () => {
  it.each<readonly [string, SpliceForm, string]>([
    ['{"id":1,"method":"m"}', 'meta', '{HERE"id":1,"method":"m"}'],
    [' { "id":1,"method":"m"}', 'meta', ' {HERE "id":1,"method":"m"}'],
    [
      '{"id":1,"method":"m","params":{"_meta":{}}}',
      'meta',
      '{HERE"id":1,"method":"m","params":{"_meta":{}}}',
    ],
    ['{"id":1,"method":"m","_meta":{}}', 'w3c', '{HERE"id":1,"method":"m","_meta":{}}'],
    ['{"method":"é","params":{"a":1}}', 'params-meta', '{"method":"é","params":{HERE"a":1}}'],
    [
      '{"_meta":null,"method":"m","params": {\r\n"a":1}}',
      'params-meta',
      '{"_meta":null,"method":"m","params": {HERE\r\n"a":1}}',
    ],
  ])('in %s (%s) is at a brace', (message, form, expected) => {
    const body = Buffer.from(message);
    const at = rootPlace(outline(body), form);
    expect(String(inserted(body, { at, text: Buffer.from('HERE') }))).toBe(expected);
  });

  it.each<readonly [string, SpliceForm]>([
    ['{"id":1,"method":"m","_meta":{}}', 'meta'],
    ['{"id":1,"method":"m","_meta":null}', 'meta'],
    ['{"id":1,"method":"m","_meta":{"a":1}}', 'meta'],
    ['{"id":1,"method":"m","params":{},"params":{}}', 'meta'],
    ['{"id":1,"method":"m","traceparent":"bad"}', 'w3c'],
    ['{"id":1,"method":"m","tracestate":"a=1"}', 'w3c'],
    ['{"id":1,"method":"m"}', 'params-meta'],
    ['{"id":1,"method":"m","params":null}', 'params-meta'],
    ['{"id":1,"method":"m","params":[1]}', 'params-meta'],
    ['{"id":1,"method":"m","params":{}}', 'params-meta'],
    ['{"id":1,"method":"m","params":{"_meta":{}}}', 'params-meta'],
    [`{"id":1,"method":"m","params":{"_meta":{"traceparent":"${parent}"}}}`, 'params-meta'],
    ['{"id":1,"method":"m"', 'meta'],
    ['[]', 'meta'],
  ])('in %s (%s) is none', (message, form) => {
    expect(rootPlace(outline(Buffer.from(message)), form)).toBe(-1);
  });
});
