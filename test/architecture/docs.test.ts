/** What the documentation promises to be there, is. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesUnder, repository } from './built-graph.js';

const read = (file: string): string => readFileSync(join(repository, file), 'utf8');
const pages = [
  ...['README.md', 'CHANGELOG.md'].filter((file) => existsSync(join(repository, file))),
  ...filesUnder('docs', '.md'),
];

/** Targets of links outside of code, without their `#fragment`. */
function linksOf(markdown: string): string[] {
  const text = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
  const inline = text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g);
  const defined = text.matchAll(/^\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gm);
  return [...inline, ...defined].map((match) => (match[1] ?? '').replace(/#.*$/, ''));
}

describe('links', () => {
  test('are found where Markdown has them', () => {
    const text =
      '[a](one.md) ![b](two.png "title") [c]: x\n[d]: three.md#part\n`[e](no.md)`\n```\n[f](no.md)\n```\n';
    expect(linksOf(text)).toEqual(['one.md', 'two.png', 'three.md']);
  });

  test.each(pages)('%s points at files that exist', (page) => {
    const missing = linksOf(read(page))
      .filter((target) => target !== '' && !/^[a-z][a-z+.-]*:/i.test(target))
      .filter((target) => !existsSync(join(repository, dirname(page), decodeURIComponent(target))));
    expect(missing).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  const codes = [...read('src/context/errors.ts').matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(
    (match) => match[1] ?? '',
  );
  const rows = [...read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(
    (match) => match[1] ?? '',
  );
  const sources = ['src', 'adapters']
    .flatMap((folder) => filesUnder(folder, '.ts'))
    .filter((file) => file !== 'src/context/errors.ts')
    .map(read)
    .join('\n');

  test('has a row for every code, in order, and no other', () => {
    expect(codes.length).toBeGreaterThan(5);
    expect(codes).toEqual(codes.toSorted());
    expect(rows).toEqual(codes);
  });

  test.each(codes)('%s is used', (code) => {
    expect(sources).toContain(`'${code}'`);
  });
});

describe('docs/dependencies.md', () => {
  test('has one line for each dependency, and no other', () => {
    const manifest = JSON.parse(read('package.json')) as Readonly<
      Record<string, Readonly<Record<string, string>> | undefined>
    >;
    const installed = [
      ...Object.keys(manifest['dependencies'] ?? {}),
      ...Object.keys(manifest['peerDependencies'] ?? {}),
      ...Object.keys(manifest['devDependencies'] ?? {}),
    ];
    const listed = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` +\|/gm)].map(
      (match) => match[1] ?? '',
    );
    expect(listed.toSorted()).toEqual(installed.toSorted());
  });
});
