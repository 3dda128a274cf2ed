/** Reads protobuf without a schema and without our writer's code: each field of a message, in order, by its number. */

export interface Field {
  readonly number: number;
  /** A varint or a fixed number as it is, unsigned; bytes for what has a length. */
  readonly value: bigint | Uint8Array;
}

/** Throws for anything that is not protobuf, to the last byte. */
export function readFields(bytes: Uint8Array): readonly Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = view.getUint8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) return value;
      if (shift > 63n) throw new Error('a varint of more than ten bytes');
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    if (number === 0) throw new Error('a field without a number');
    switch (tag & 7) {
      case 0:
        fields.push({ number, value: varint() });
        break;
      case 1:
        fields.push({ number, value: view.getBigUint64(at, true) });
        at += 8;
        break;
      case 2: {
        const length = Number(varint());
        if (at + length > bytes.length) throw new Error('a length beyond the end');
        fields.push({ number, value: bytes.subarray(at, at + length) });
        at += length;
        break;
      }
      case 5:
        fields.push({ number, value: BigInt(view.getUint32(at, true)) });
        at += 4;
        break;
      default:
        throw new Error(`wire type ${tag & 7}`);
    }
  }
  return fields;
}

/** The fields of one number, which are messages, texts or bytes. */
export function bytesAt(fields: readonly Field[], number: number): readonly Uint8Array[] {
  return fields.flatMap((field) =>
    field.number === number && field.value instanceof Uint8Array ? [field.value] : [],
  );
}

/** The last one of a number; absent is zero, as in proto3. */
export function numberAt(fields: readonly Field[], number: number): bigint {
  const found = fields.findLast((field) => field.number === number)?.value;
  return typeof found === 'bigint' ? found : 0n;
}

/** The last one of a number; absent is empty. Throws for what is not UTF-8. */
export function textAt(fields: readonly Field[], number: number): string {
  const found = bytesAt(fields, number).at(-1);
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
    found ?? new Uint8Array(),
  );
}

export function hexAt(fields: readonly Field[], number: number): string {
  return Buffer.from(bytesAt(fields, number).at(-1) ?? []).toString('hex');
}
