/**
 * The parts of the page that are the same in every one. The script is what the compiler made of the files in `page`,
 * one behind the other: they import from each other alone, so imports and exports are all that has to go.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { markup } from './markup.js';
import { style } from './style.js';

/** Whoever is imported comes first. */
const files = [
  'visible',
  'dom',
  'model',
  'words',
  'tree',
  'search',
  'virtual',
  'row',
  'grid',
  'list',
  'detail',
  'main',
];

/** What comes before the data and what comes behind it. */
export function pageAround(title: string): { readonly before: string; readonly behind: string } {
  const script = pageScript();
  const policy = [
    "default-src 'none'",
    `script-src '${digestOf(script)}'`,
    `style-src '${digestOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  const before = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${style}</style>
${markup}
<script type="text/plain" id="data">`;
  return { before, behind: `</script>\n<script>${script}</script>\n</html>\n` };
}

function pageScript(): string {
  // The package by its own name: what was compiled is there also where this file was not.
  const root = dirname(createRequire(import.meta.url).resolve('throughline/package.json'));
  const folder = join(root, 'dist', 'src', 'export', 'html', 'page');
  const parts = files.map((name) =>
    readFileSync(join(folder, `${name}.js`), 'utf8')
      .replaceAll(/^import [^;]*;\n/gm, '')
      .replaceAll(/^export (?=(async )?(function|const|class) )/gm, '')
      .replaceAll(/^\/\/# sourceMappingURL=.*\n?/gm, '')
      .replaceAll(/^\/\/\/ .*\n/gm, ''),
  );
  return `'use strict';\n(() => {\n${parts.join('')}})();\n`;
}

function digestOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
