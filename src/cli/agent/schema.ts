/** JSON Schemas (2020-12) of answers, from a few words. Members that are not required may be absent. */

export type Schema = Readonly<Record<string, unknown>>;

export const text: Schema = { type: 'string' };
export const count: Schema = { type: 'integer' };
export const number: Schema = { type: 'number' };
export const yesNo: Schema = { type: 'boolean' };
/** ISO-8601, UTC. */
export const time: Schema = { type: 'string', format: 'date-time' };
export const untrusted: Schema = { const: true };

export function list(items: Schema): Schema {
  return { type: 'array', items };
}

export function orNull(schema: Schema): Schema {
  return { ...schema, type: [schema['type'], 'null'] };
}

export function oneOf(...values: readonly string[]): Schema {
  return { type: 'string', enum: values };
}

/** An object that has these members; of `optional` any may be absent. */
export function object(
  members: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema {
  return {
    type: 'object',
    properties: { ...members, ...optional },
    required: Object.keys(members),
  };
}

/** What a stream says in its own words: data, never instructions. Members that were not recorded are absent. */
export function data(members: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties: members };
}

/** The members that every answer has; the server's instructions say what they are for. */
export const common: Readonly<Record<string, Schema>> = {
  truncated: yesNo,
  omitted: list(text),
  next: list({ type: 'object' }),
  truth: text,
};
