/** The page about the command line says what the command table and the JSON Schemas say, because they write it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { helpForAll } from '../../src/cli/help.js';
import { commands } from '../../src/cli/table.js';
import { page, regenerated, schemas } from './reference.js';

const columnsMax = 80;

describe('docs/cli.md', () => {
  it('is what the command table and the schemas write (UPDATE_GOLDEN=1 writes it anew)', () => {
    const text = readFileSync(page, 'utf8');
    const made = regenerated(text);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(page, made);
    else expect(text).toBe(made);
  });
});

describe('the help', () => {
  it.each(commands.map((command) => [command.name, command] as const))(
    'of %s fits 80 columns, ends with a newline and has a place among the others',
    (name, command) => {
      const { details = [], summary, options } = command;
      expect(summary).not.toMatch(/\.$/);
      expect(helpForAll(commands)).toContain(`  ${name} `);
      for (const text of [...details, ...options.map(({ help }) => help)]) {
        expect(text.trim()).toBe(text);
      }
    },
  );

  it('of all commands is no wider than a terminal', () => {
    const wide = helpForAll(commands)
      .split('\n')
      .filter((text) => text.length > columnsMax + 2);
    expect(wide).toEqual([]);
  });
});

describe('the schemas', () => {
  const published = schemas();

  it.each(commands.flatMap(({ name, schemas: named = [] }) => named.map((one) => [one, name])))(
    '%s of %s is published',
    (schema) => {
      expect(published.get(schema ?? '')?.title).toBe(`throughline.${schema}`);
    },
  );

  it('say of every member what it means', () => {
    for (const { title, properties } of published.values()) {
      for (const [name, { description }] of Object.entries(properties)) {
        expect(description, `${title} ${name}`).toMatch(/\S/);
      }
    }
  });

  it('are of every command that has --json', () => {
    const without = commands
      .filter(
        ({ options, schemas: named }) =>
          options.some((one) => one.name === 'json') && named === undefined,
      )
      .map(({ name }) => name);
    expect(without).toEqual([]);
  });
});
