// protobufjs skips fields that it does not know. This finds them, and those that are not of the type they should be.
import protobuf from 'protobufjs';

const wires = { bool: 0, bytes: 2, double: 1, fixed64: 1, string: 2 };

/** What is in these bytes that the message does not have, each kind once; and how many fields there are. */
export function faultsIn(type, bytes) {
  const faults = new Set();
  let fields = 0;
  const visit = (message, part) => {
    const reader = protobuf.Reader.create(part);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      const [id, wire] = [tag >>> 3, tag & 7];
      const field = message.fieldsById[id];
      fields += 1;
      if (field === undefined) {
        faults.add(`${message.name} has no field ${id}`);
        reader.skipType(wire);
        continue;
      }
      field.resolve();
      const isMessage = field.resolvedType instanceof protobuf.Type;
      const expected = isMessage ? 2 : (wires[field.type] ?? 0);
      if (wire !== expected) faults.add(`${message.name}.${field.name} is of wire type ${wire}`);
      if (isMessage && wire === 2) visit(field.resolvedType, reader.bytes());
      else reader.skipType(wire);
    }
  };
  visit(type, bytes);
  return { faults: [...faults], fields };
}
