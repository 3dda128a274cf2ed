/** A tool's parameters: their JSON Schema, and how arguments are read. What is wrong is said so that the next try is right. */
import { AgentError } from './error.js';
import type { Schema } from './schema.js';
import { cleanLines } from '../text.js';

interface Base {
  readonly help: string;
  readonly isRequired?: boolean;
}

export type Parameter =
  | (Base & { readonly kind: 'text'; readonly charsMax?: number })
  | (Base & { readonly kind: 'flag' })
  | (Base & {
      readonly kind: 'integer';
      readonly min: number;
      readonly max: number;
      readonly default: number;
    })
  | (Base & {
      readonly kind: 'choice';
      readonly values: readonly string[];
      readonly default?: string;
    })
  | (Base & { readonly kind: 'texts'; readonly itemsMax: number })
  | (Base & { readonly kind: 'group'; readonly members: Parameters });

export type Parameters = Readonly<Record<string, Parameter>>;

/** Arguments that were read. Asking for one of another kind than it has is a bug, and says nothing. */
export interface Asked {
  readonly text: (name: string) => string | undefined;
  readonly texts: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean;
  readonly integer: (name: string) => number | undefined;
  readonly group: (name: string) => Asked;
  /** As it was given, so that it can be asked again. */
  readonly given: Readonly<Record<string, unknown>>;
}

const charsMaxDefault = 300;
const quotedCharsMax = 80;

/** How `limit` is asked for everywhere. */
export function limitParameter(standard: number): Parameter {
  return { kind: 'integer', min: 1, max: 50, default: standard, help: 'how many' };
}

export const cursorParameter: Parameter = {
  kind: 'text',
  help: 'go on behind an answer: from its next',
};

export const runParameter: Parameter = {
  kind: 'text',
  help: 'a run id or its last 4 or more characters, a request id, a traceparent, or @0 (the newest), @-1 …',
};

/** The JSON Schema of the arguments. */
export function inputSchema(parameters: Parameters): Schema {
  const required = Object.keys(parameters).filter((name) => parameters[name]?.isRequired === true);
  const properties = Object.entries(parameters).map(
    ([name, one]) => [name, schemaOf(one)] as const,
  );
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function schemaOf(parameter: Parameter): Schema {
  const { help: description } = parameter;
  switch (parameter.kind) {
    case 'text':
      return { type: 'string', description };
    case 'flag':
      return { type: 'boolean', description };
    case 'integer': {
      const { min: minimum, max: maximum, default: standard } = parameter;
      return { type: 'integer', minimum, maximum, default: standard, description };
    }
    case 'choice': {
      const { values, default: standard } = parameter;
      const rest = standard === undefined ? {} : { default: standard };
      return { type: 'string', enum: values, ...rest, description };
    }
    case 'texts':
      return {
        type: 'array',
        items: { type: 'string' },
        maxItems: parameter.itemsMax,
        description,
      };
    case 'group':
      return { ...inputSchema(parameter.members), description };
  }
}

/** Reads the arguments of a call. Throws `AgentError`. */
export function readAsked(tool: string, parameters: Parameters, given: unknown): Asked {
  const arguments_ = given ?? {};
  if (typeof arguments_ !== 'object' || Array.isArray(arguments_)) {
    throw new AgentError(`${tool} takes an object of arguments, got ${shown(given)}`);
  }
  const values = new Map<string, unknown>();
  for (const [name, value] of Object.entries(arguments_)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (parameter === undefined) {
      throw new AgentError(
        `${shown(name)} is no argument of ${tool}: ${rightPlace(parameters, name)}`,
      );
    }
    // Models write null for what they leave out.
    if (value !== null) values.set(name, valueOf(name, parameter, value));
  }
  for (const [name, parameter] of Object.entries(parameters)) {
    if (values.has(name)) continue;
    if (parameter.isRequired === true)
      throw new AgentError(`${tool} needs ${name}: ${parameter.help}`);
    if ('default' in parameter) values.set(name, parameter.default);
  }
  return askedOf(values, arguments_ as Readonly<Record<string, unknown>>);
}

/** A member of a group is often given beside it. */
function rightPlace(parameters: Parameters, name: string): string {
  for (const [group, one] of Object.entries(parameters)) {
    if (one.kind === 'group' && Object.hasOwn(one.members, name)) return `it is one of ${group}`;
  }
  return `it takes ${Object.keys(parameters).join(', ')}`;
}

function askedOf(
  values: ReadonlyMap<string, unknown>,
  given: Readonly<Record<string, unknown>>,
): Asked {
  // Each was read by its parameter's kind.
  return {
    text: (name) => values.get(name) as string | undefined,
    texts: (name) => (values.get(name) ?? []) as readonly string[],
    flag: (name) => values.get(name) === true,
    integer: (name) => values.get(name) as number | undefined,
    group: (name) => (values.get(name) ?? askedOf(new Map(), {})) as Asked,
    given,
  };
}

function valueOf(name: string, parameter: Parameter, value: unknown): unknown {
  switch (parameter.kind) {
    case 'text':
      return textOf(name, value, parameter.charsMax ?? charsMaxDefault);
    case 'flag':
      if (typeof value === 'boolean') return value;
      throw new AgentError(`${name} must be true or false, got ${shown(value)}`);
    case 'integer': {
      const { min, max } = parameter;
      if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return value;
      throw new AgentError(`${name} must be ${min}–${max}, got ${shown(value)}`);
    }
    case 'choice':
      if (typeof value === 'string' && parameter.values.includes(value)) return value;
      throw new AgentError(
        `${name} must be one of ${parameter.values.join(', ')}, got ${shown(value)}`,
      );
    case 'texts':
      return textsOf(name, value, parameter.itemsMax);
    case 'group':
      return readAsked(name, parameter.members, value);
  }
}

function textOf(name: string, value: unknown, charsMax: number): string {
  if (typeof value !== 'string')
    throw new AgentError(`${name} must be a text, got ${shown(value)}`);
  if (value.length > charsMax) {
    throw new AgentError(`${name} must be at most ${charsMax} characters, got ${value.length}`);
  }
  if (value.trim() === '') throw new AgentError(`${name} is empty: leave it out instead`);
  return value;
}

function textsOf(name: string, value: unknown, itemsMax: number): readonly string[] {
  if (!Array.isArray(value))
    throw new AgentError(`${name} must be a list of texts, got ${shown(value)}`);
  if (value.length > itemsMax) {
    throw new AgentError(`${name} must be a list of at most ${itemsMax}, got ${value.length}`);
  }
  return value.map((one: unknown) => textOf(name, one, charsMaxDefault));
}

/** What was given, harmless and short. */
export function shown(value: unknown): string {
  const written = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return cleanLines(
    written.length > quotedCharsMax ? `${written.slice(0, quotedCharsMax)}…` : written,
  );
}
