/** Random JSON-RPC messages as text: everything a writer may do that a reader must take. Seeded, so that a failure repeats. */

export interface Written {
  readonly text: string;
  /** What the message is, as the writer meant it. */
  readonly kind: 'request' | 'notification' | 'response' | 'batch' | 'other';
  /** A valid context stands in one of the places that are read. */
  readonly isCarrying: boolean;
  /** A key that matters stands there twice. */
  readonly isAmbiguous: boolean;
}

/** xorshift32: the same numbers on every machine. */
export function random(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

type Pick = (below: number) => number;

export const validParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const invalidParents = [
  '"bad"',
  '7',
  'null',
  '""',
  '{}',
  '"00-00000000000000000000000000000000-b7ad6b7169203331-01"',
  '"00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01"',
] as const;
const scalars = [
  '0',
  '-0',
  '1',
  '1.0',
  '-1.5e-7',
  '1E400',
  '9007199254740993',
  '12345678901234567890',
  'true',
  'false',
  'null',
  '""',
  '"a"',
  '"\\""',
  '"\\\\"',
  '"\\\\\\""',
  '"\\u0000"',
  '"é ✓ 𝄞"',
  '"\\ud834\\udd1e"',
  '"\\ud800"',
  '"\\/"',
  '"{\\"id\\":1,"',
  '"}],"',
  '"\\n\\t"',
  '"\\"params\\":{\\"_meta\\":{\\"traceparent\\":"',
  // Longer than what is looked at byte by byte, with an end that is none and one that is.
  `"${'x'.repeat(80)}\\""`,
  `"${'y'.repeat(70)}\\\\"`,
  `"${'z'.repeat(66)}\\\\\\"{\\"id\\":1,${'z'.repeat(90)}"`,
] as const;
const names = ['a', 'é', 'id', 'method', 'params', '_meta', 'traceparent', 'uri', '', '10', '9'];

export function writeMessage(pick: Pick): Written {
  return new Writer(pick).message();
}

class Writer {
  readonly #pick: Pick;
  readonly #isPretty: boolean;
  #isAmbiguous = false;
  #isCarrying = false;

  constructor(pick: Pick) {
    this.#pick = pick;
    this.#isPretty = pick(4) === 0;
  }

  message(): Written {
    if (this.#pick(40) === 0) return this.#done('batch', `[${this.#request()}]`);
    const shape = this.#pick(10);
    if (shape < 5) return this.#done('request', this.#request());
    if (shape < 7) return this.#done('notification', this.#object(this.#call(false)));
    if (shape < 9) return this.#done('response', this.#object(this.#response()));
    return this.#done('other', this.#other());
  }

  #done(kind: Written['kind'], text: string): Written {
    return {
      text: this.#isPretty ? `${this.#space()}${text}${this.#space()}` : text,
      kind,
      isCarrying: this.#isCarrying,
      isAmbiguous: this.#isAmbiguous,
    };
  }

  #request(): string {
    return this.#object(this.#call(true));
  }

  #call(hasId: boolean): string[] {
    const members = [this.#member('jsonrpc', '"2.0"'), this.#member('method', this.#method())];
    if (hasId) members.push(this.#member('id', this.#id()));
    const params = this.#pick(8);
    if (params === 0) members.push(this.#member('params', 'null'));
    else if (params === 1) members.push(this.#member('params', `[${this.#value(2)}]`));
    else if (params < 7) members.push(this.#member('params', this.#params()));
    if (this.#pick(5) === 0) members.push(this.#member('_meta', this.#meta()));
    if (this.#pick(9) === 0) members.push(...this.#carrier());
    if (this.#pick(30) === 0) members.push(this.#twice());
    while (this.#pick(3) === 0) members.push(this.#member(this.#outerName(), this.#value(3)));
    return this.#shuffled(members);
  }

  #response(): string[] {
    const members = [this.#member('jsonrpc', '"2.0"'), this.#member('id', this.#id())];
    members.push(this.#member(this.#pick(2) === 0 ? 'result' : 'error', this.#value(3)));
    if (this.#pick(4) === 0) members.push(this.#member('_meta', this.#object([])));
    if (this.#pick(4) === 0) members.push(this.#member('params', '{}'));
    return this.#shuffled(members);
  }

  /** Things that look like messages. */
  #other(): string {
    const request = this.#request();
    const broken = [
      () => request.slice(0, this.#pick(request.length)),
      () => `${request}}`,
      () => `${request}${request}`,
      () => `\ufeff${request}`,
      () => this.#object([this.#member('method', '1'), this.#member('id', '1')]),
      () => this.#object([this.#member('method', '"m"'), this.#member('id', 'null')]),
      () => this.#object([this.#member('method', '"m"'), this.#member('id', '{}')]),
      () => this.#object(['"method":"m"', '"id":1', '"result":1']),
      () => '{"method":"m","id":1,}',
      () => '{"method":"m","id":1,"params":{"a":01}}',
      () => '{"method":"m","id":1,"params":{"a":tru}}',
      () => '{"method":"m","id":1,"params":{"a":[1,2}}}',
      () => '{"method":"m","id":1,"params":{"a" 1}}',
      () => '{"method":"m","id":1,"params":[1 2]}',
      () => '',
    ];
    return broken[this.#pick(broken.length)]?.() ?? '';
  }

  #params(): string {
    const members: string[] = [];
    if (this.#pick(3) === 0) members.push(this.#member('_meta', this.#meta()));
    if (this.#pick(12) === 0) members.push(this.#member('_traceparent', this.#parent()));
    while (this.#pick(3) > 0) members.push(this.#member(this.#freeName(), this.#value(4)));
    return this.#object(this.#shuffled(members));
  }

  #meta(): string {
    const other = this.#pick(12);
    if (other === 0) return 'null';
    if (other === 1) return '"mine"';
    if (other === 2) return '[]';
    const members = this.#pick(3) === 0 ? this.#carrier() : [];
    if (this.#pick(3) === 0) members.push(this.#member('progressToken', this.#id()));
    while (this.#pick(3) === 0) members.push(this.#member(this.#freeName(), this.#value(2)));
    return this.#object(this.#shuffled(members));
  }

  #carrier(): string[] {
    const members = [this.#member('traceparent', this.#parent())];
    if (this.#pick(2) === 0) members.push(this.#member('tracestate', '"rojo=1"'));
    if (this.#pick(4) === 0) members.push(this.#member('baggage', '"a=1"'));
    return members;
  }

  #parent(): string {
    if (this.#pick(2) === 0) return invalidParents[this.#pick(invalidParents.length)] ?? '7';
    this.#isCarrying = true;
    return this.#pick(6) === 0 ? `"\\u0030${validParent.slice(1)}"` : `"${validParent}"`;
  }

  #twice(): string {
    this.#isAmbiguous = true;
    return this.#pick(2) === 0 ? '"params":{},"params":{"b":1}' : '"_meta":{},"_meta":{"b":1}';
  }

  /** Brackets within brackets, and now and then very many of them. */
  #value(depth: number): string {
    const shape = this.#pick(depth > 0 ? 8 : 4);
    if (shape < 5) return scalars[this.#pick(scalars.length)] ?? '0';
    if (shape === 7 && this.#pick(60) === 0) {
      const levels = 1 + this.#pick(700);
      return '[{"a":'.repeat(levels) + '1' + '}]'.repeat(levels);
    }
    const values: string[] = [];
    while (this.#pick(3) > 0) {
      const value = this.#value(depth - 1);
      values.push(shape === 5 ? value : this.#member(this.#name(), value));
    }
    return shape === 5 ? `[${values.join(this.#comma())}]` : this.#object(values);
  }

  #method(): string {
    const methods = ['"tools/call"', '"textDocument/hover"', '"m"', '"tools\\/call"', '"é"', '""'];
    return methods[this.#pick(methods.length)] ?? '"m"';
  }

  #id(): string {
    const ids = ['1', '0', '-7', '"1"', '"a\\"b"', '9007199254740993', '1.5', '"{"'];
    return ids[this.#pick(ids.length)] ?? '1';
  }

  #member(name: string, value: string): string {
    const spelled = this.#pick(12) === 0 && name !== '' ? escaped(name) : JSON.stringify(name);
    return `${spelled}${this.#space()}:${this.#space()}${value}`;
  }

  #object(members: readonly string[]): string {
    return `{${this.#space()}${members.join(this.#comma())}${this.#space()}}`;
  }

  #name(): string {
    return names[this.#pick(names.length)] ?? 'a';
  }

  /** A name that means nothing beside `method`. */
  #outerName(): string {
    return ['a', 'é', '', '10', '9', '_metas', 'ids'][this.#pick(7)] ?? 'a';
  }

  /** A name that means nothing in `params`, `_meta` and beside them. */
  #freeName(): string {
    const free = [
      'a',
      'é',
      'uri',
      '',
      '10',
      '9',
      'id',
      'method',
      'params',
      '_metas',
      'trace"parent',
    ];
    return free[this.#pick(free.length)] ?? 'a';
  }

  #space(): string {
    if (!this.#isPretty) return '';
    return ['', ' ', '\n  ', '\r\n\t'][this.#pick(4)] ?? '';
  }

  #comma(): string {
    return `${this.#space()},${this.#space()}`;
  }

  #shuffled(members: readonly string[]): string[] {
    const rest = [...members];
    const result: string[] = [];
    while (rest.length > 0) result.push(...rest.splice(this.#pick(rest.length), 1));
    return result;
  }
}

/** The first character as an escape. */
function escaped(name: string): string {
  const code = name.charCodeAt(0).toString(16).padStart(4, '0');
  return `"\\u${code}${JSON.stringify(name.slice(1)).slice(1)}`;
}
