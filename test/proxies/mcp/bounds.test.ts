/** What the proxy and the recorder remember of requests is bounded. */
import { expect, it } from 'vitest';
import { otherKey, Waiting } from '../../../src/hook/proxied/waiting.js';
import { Recent } from '../../../src/protocol/mcp/recent.js';

it('the recorder keeps 4096 open requests, and says once that there is no room', () => {
  let said = 0;
  const waiting = new Waiting<number>(() => {
    said += 1;
  });
  for (let id = 0; id < 4096; id += 1) {
    expect(waiting.hasRoom()).toBe(true);
    expect(waiting.add(String(id), id)).toBeUndefined();
  }
  expect([waiting.hasRoom(), waiting.hasRoom(), said]).toEqual([false, false, 1]);
  expect(waiting.take('7')).toBe(7);
  expect(waiting.take('7')).toBeUndefined();
  expect(waiting.hasRoom()).toBe(true);
  expect(waiting.add('8', 88)).toBe(8);
  expect(waiting.drain()).toHaveLength(4095);
  expect(waiting.drain()).toEqual([]);
});

it('an id has two spellings, and each is the other one’s', () => {
  expect([otherKey('1'), otherKey('"1"'), otherKey('"a b"')]).toEqual(['"1"', '1', 'a b']);
});

it('the proxy keeps the newest requests, and of one id the newest', () => {
  const recent = new Recent<string>(3);
  for (const key of ['a', 'b', 'b', 'c']) recent.add(key, `${key} ${recent.take('none') ?? ''}`);
  expect(recent.take('a')).toBeUndefined();
  recent.add('b', 'newest');
  expect([recent.take('b'), recent.take('b'), recent.take('c')]).toEqual(['newest', 'b ', 'c ']);
  expect(recent.take('b')).toBeUndefined();
});
