/** Checks what `--json` prints against the published schemas; a member that no schema has is a mistake here. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { schemas } from './reference.js';

const ajv = new Ajv2020({
  strict: true,
  strictRequired: false,
  strictTypes: false,
  allowUnionTypes: true,
  allErrors: true,
});
const validators = new Map<string, ValidateFunction>();
for (const [name, schema] of schemas()) {
  validators.set(`throughline.${name}`, ajv.compile(closed(schema) as object));
}

/** Every line is an object of a published schema; returns the objects. */
export function checked(text: string): readonly Readonly<Record<string, unknown>>[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const object = JSON.parse(line) as Record<string, unknown>;
      const validate = validators.get(String(object['schema']));
      if (validate === undefined) throw new Error(`no schema: ${line}`);
      validate(object);
      expect(validate.errors ?? [], line).toEqual([]);
      return object;
    });
}

/** Published schemas let members be added; what we print ourselves is in them. */
export function closed(schema: unknown, isPart = false): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((one: unknown) => closed(one, isPart));
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) copy[key] = closed(value, key === 'oneOf');
  const isOpen = !('properties' in copy) || 'additionalProperties' in copy;
  // The variants of an object add nothing to its members.
  return isOpen || (isPart && !('type' in copy)) ? copy : { ...copy, additionalProperties: false };
}
