/** What fronts say of their messages is shared by many requests. */
import { expect, it } from 'vitest';
import { Context, extract, inject } from '../../src/context/index.js';
import { origins } from '../../src/protocol/index.js';

it('nobody can change what another request says of itself', () => {
  const origin = origins('lsp')('textDocument/hover', 'zed');
  expect(() => Object.assign(origin, { client: 'vim' })).toThrow(TypeError);
  expect(origins('lsp')('textDocument/hover', 'zed')).toEqual({
    front: 'lsp',
    method: 'textDocument/hover',
    client: 'zed',
  });
});

it('nobody can change what another message of the same front carried', () => {
  const carrier = inject(Context.begin({ origin: { front: 'lsp', method: 'm', client: 'zed' } }));
  const first = extract(carrier)?.origin;
  expect(() => Object.assign(first ?? {}, { client: 'vim' })).toThrow(TypeError);
  expect(extract(carrier)?.origin).toEqual({ front: 'lsp', method: 'm', client: 'zed' });
});

it('nobody can put a link or a member into the contexts of others', () => {
  const context = Context.begin();
  const received = extract(inject(context));
  for (const list of [context.links, context.tracestate, received?.tracestate]) {
    expect(() => (list as unknown[]).push('x')).toThrow(TypeError);
  }
  expect([Context.begin().links, Context.begin().tracestate]).toEqual([[], []]);
});

it('two fronts by turns keep each their own, whichever was read last', () => {
  const [zed, vim] = ['zed', 'vim'].map((client) =>
    inject(Context.begin({ origin: { front: 'lsp', method: 'm', client } })),
  );
  const clients = [zed, vim, vim, zed, zed].map((carrier) => extract(carrier)?.origin?.client);
  expect(clients).toEqual(['zed', 'vim', 'vim', 'zed', 'zed']);
});

it('keeps 256 methods of at most 128 characters, and makes the others anew', () => {
  const of = origins('lsp');
  const long = 'm'.repeat(129);
  expect(of(long, undefined)).not.toBe(of(long, undefined));
  expect(of(long, undefined)).toEqual({ front: 'lsp', method: long });
  for (let index = 0; index < 256; index += 1) of(`m${index}`, undefined);
  expect(of('m255', undefined)).toBe(of('m255', undefined));
  expect(of('m256', undefined)).not.toBe(of('m256', undefined));
  expect(of('m0', 'zed')).toEqual({ front: 'lsp', method: 'm0', client: 'zed' });
});
