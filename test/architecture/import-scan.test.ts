/** The scanner is what the other tests here stand on: planted imports of every kind must not get past it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { codeOf, scanImports } from './import-scan.js';

const planted = scanImports(
  readFileSync(new URL('fixtures/planted.js.txt', import.meta.url), 'utf8'),
).map(({ kind, specifier, names }) => [kind, specifier, ...names].join(' '));

test('every way to load a module is seen, and nothing else is', () => {
  expect(planted).toEqual([
    'static ./side-effect.js',
    'static ./default.js default',
    'static ./named.js two three',
    'static ./both.js default five',
    'static ./star.js *',
    'static ./data.json default',
    'static ./many-lines.js seven eight',
    'export ./export-named.js nine',
    'export ./export-star.js *',
    'export ./export-star-as.js *',
    'dynamic ./in-template.js',
    'dynamic ./dynamic.js',
    'dynamic ./dynamic-template.js',
    'computed dynamic',
    'computed dynamic',
    'dynamic ./dynamic-options.js',
    'require ./required.js',
    'require ./resolved.js',
    'require ./module-required.js',
    'computed require',
    'static node:module createRequire',
    'computed createRequire',
    'computed createRequire',
    'computed getBuiltinModule',
  ]);
});

test('code is told from what is written about it', () => {
  expect(codeOf("/* Math.random */ a = 'Math.random' + Math.floor(1); // Math.random")).toBe(
    'a = + Math . floor ( 1 ) ;',
  );
});
