/** Reads a Perfetto trace back: a reader of the wire format that shares nothing with what writes it. */

export interface Packet {
  readonly clockSnapshot?: {
    readonly primary: number;
    readonly clocks: readonly (readonly [number, bigint])[];
  };
  readonly flags: number;
  readonly sequence: number;
  readonly timestamp?: bigint;
  readonly clockId?: number;
  readonly track?: {
    readonly uuid: bigint;
    readonly parent?: bigint;
    readonly name?: string;
    readonly process?: {
      readonly pid: number;
      readonly name: string;
      readonly labels: readonly string[];
    };
  };
  readonly event?: {
    readonly type: number;
    readonly track: bigint;
    readonly name?: string;
    readonly category?: string;
    readonly correlationId?: string;
    readonly facts: Readonly<Record<string, unknown>>;
    readonly flows: readonly bigint[];
    readonly terminating: readonly bigint[];
  };
}

type Value = bigint | Uint8Array;
type Message = ReadonlyMap<number, readonly Value[]>;

/** Every field of a message; throws where the bytes are not one. */
function fieldsOf(bytes: Uint8Array): Message {
  const fields = new Map<number, Value[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined || shift > 63n) throw new Error(`no varint at ${at}`);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    let value: Value;
    if (wire === 0) value = varint();
    else if (wire === 1) {
      value = new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigUint64(0, true);
      at += 8;
    } else if (wire === 2) {
      const length = Number(varint());
      if (at + length > bytes.length) throw new Error(`${length} bytes at ${at} are not there`);
      value = bytes.subarray(at, at + length);
      at += length;
    } else throw new Error(`wire type ${wire} at ${at}`);
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
}

const all = (message: Message, field: number): readonly Value[] => message.get(field) ?? [];
const messages = (message: Message, field: number): readonly Message[] =>
  all(message, field).map((value) => fieldsOf(value as Uint8Array));
const one = (message: Message, field: number): Message | undefined => messages(message, field)[0];
const bigint = (message: Message, field: number): bigint | undefined =>
  all(message, field).at(-1) as bigint | undefined;
const number = (message: Message, field: number): number | undefined => {
  const value = bigint(message, field);
  return value === undefined ? undefined : Number(value);
};
const utf8 = new TextDecoder('utf-8', { fatal: true });
const texts = (message: Message, field: number): readonly string[] =>
  all(message, field).map((value) => utf8.decode(value as Uint8Array));

/** The packets in order. Interned texts are looked up as a reader has to: within what was not cleared since. */
export function readPerfetto(bytes: Uint8Array): readonly Packet[] {
  const packets: Packet[] = [];
  let tables = new Map<string, string>();
  let clockId: number | undefined;
  for (const packet of messages(fieldsOf(bytes), 1)) {
    const flags = number(packet, 13) ?? 0;
    if ((flags & 1) !== 0) [tables, clockId] = [new Map(), undefined];
    const interned = one(packet, 12);
    for (const kind of interned?.keys() ?? []) {
      for (const entry of messages(interned as Message, kind)) {
        const key = `${kind} ${number(entry, 1)}`;
        if (tables.has(key)) throw new Error(`the text ${key} is there twice`);
        tables.set(key, texts(entry, 2)[0] ?? '');
      }
    }
    const defaults = one(packet, 59);
    if (defaults !== undefined) clockId = number(defaults, 58);
    const text = (kind: number, iid: number | undefined): string | undefined => {
      if (iid === undefined) return undefined;
      const found = tables.get(`${kind} ${iid}`);
      if (found === undefined) throw new Error(`no text ${kind} ${iid}`);
      if ((flags & 2) === 0)
        throw new Error('a packet needs what was interned and does not say so');
      return found;
    };
    packets.push({
      flags,
      sequence: number(packet, 10) ?? 0,
      ...optional('timestamp', bigint(packet, 8)),
      ...optional('clockId', number(packet, 58) ?? clockId),
      ...optional('clockSnapshot', clockOf(one(packet, 6))),
      ...optional('track', trackOf(one(packet, 60))),
      ...optional('event', eventOf(one(packet, 11), text)),
    });
  }
  return packets;
}

function clockOf(message: Message | undefined): Packet['clockSnapshot'] | undefined {
  if (message === undefined) return undefined;
  const clocks = messages(message, 1).map(
    (clock) => [number(clock, 1) ?? 0, bigint(clock, 2) ?? 0n] as const,
  );
  return { primary: number(message, 2) ?? 0, clocks };
}

function trackOf(message: Message | undefined): Packet['track'] | undefined {
  if (message === undefined) return undefined;
  const process = one(message, 3);
  return {
    uuid: bigint(message, 1) ?? 0n,
    ...optional('parent', bigint(message, 5)),
    ...optional('name', texts(message, 2)[0]),
    ...optional(
      'process',
      process && {
        pid: number(process, 1) ?? 0,
        name: texts(process, 6)[0] ?? '',
        labels: texts(process, 8),
      },
    ),
  };
}

function eventOf(
  message: Message | undefined,
  text: (kind: number, iid: number | undefined) => string | undefined,
): Packet['event'] | undefined {
  if (message === undefined) return undefined;
  const facts: Record<string, unknown> = {};
  for (const annotation of messages(message, 4)) {
    const name = text(3, number(annotation, 1)) ?? '';
    if (name in facts) throw new Error(`${name} is there twice`);
    facts[name] = valueOf(annotation, text);
  }
  return {
    type: number(message, 9) ?? 0,
    track: bigint(message, 11) ?? 0n,
    ...optional('name', text(2, number(message, 10))),
    ...optional('category', text(1, number(message, 3))),
    ...optional('correlationId', text(43, number(message, 54))),
    facts,
    flows: all(message, 47) as readonly bigint[],
    terminating: all(message, 48) as readonly bigint[],
  };
}

function valueOf(
  annotation: Message,
  text: (kind: number, iid: number | undefined) => string | undefined,
): unknown {
  const [flag, whole, double] = [
    bigint(annotation, 2),
    bigint(annotation, 4),
    bigint(annotation, 5),
  ];
  if (flag !== undefined) return flag === 1n;
  if (whole !== undefined) return Number(BigInt.asIntN(64, whole));
  if (double !== undefined) return new Float64Array(BigUint64Array.of(double).buffer)[0];
  if (annotation.has(12)) return messages(annotation, 12).map((item) => texts(item, 6)[0]);
  return text(29, number(annotation, 17)) ?? texts(annotation, 6)[0];
}

function optional<Key extends string, Item>(
  key: Key,
  value: Item | undefined,
): { readonly [name in Key]?: Item } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [name in Key]?: Item };
}
