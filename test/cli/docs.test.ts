/** The page about the command line says what the command table has. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/table.js';

const page = readFileSync('docs/cli.md', 'utf8');

describe('docs/cli.md', () => {
  it.each(commands.map((command) => [command.name, command] as const))(
    'knows the command %s and its options',
    (name, command) => {
      expect(page).toMatch(new RegExp(`^\\| \`${name}[ \`]`, 'm'));
      for (const option of command.options) expect(page).toContain(`--${option.name}`);
    },
  );

  it.each([
    'run/1',
    'span/1',
    'inflight/1',
    'effect/1',
    'record/1',
    'verify/1',
    'removal/1',
    'id/1',
    'truth/1',
  ])('documents the schema %s', (schema) => {
    expect(page).toContain(`### \`throughline.${schema}\``);
  });
});
