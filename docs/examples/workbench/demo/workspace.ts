/** A real workspace to work on: a copy of this repository's own source, with the edits of somebody in a hurry. */
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export interface Workspace {
  readonly directory: string;
  /** Paths below the workspace, sorted: what bursts ask about. */
  readonly files: readonly string[];
  /** The ones that a formatter will rewrite. */
  readonly untidy: readonly string[];
}

const folders = ['src', 'adapters'];
const configuration = ['.oxfmtrc.json', '.oxlintrc.json', 'package.json', 'tsconfig.base.json'];

/** Copies `folders` of the repository into `directory`, which must not exist, and makes `untidyMax` files untidy. */
export function copyWorkspace(
  repository: string,
  directory: string,
  options: { readonly folders?: readonly string[]; readonly untidyMax?: number } = {},
): Workspace {
  mkdirSync(directory, { recursive: true });
  const copied = options.folders ?? folders;
  for (const folder of [...copied, ...configuration]) {
    cpSync(join(repository, folder), join(directory, folder), { recursive: true });
  }
  // The tools are the workspace's own, as in any checkout.
  symlinkSync(join(repository, 'node_modules'), join(directory, 'node_modules'), 'dir');
  writeFileSync(
    join(directory, 'tsconfig.json'),
    `${JSON.stringify({
      extends: './tsconfig.base.json',
      compilerOptions: { composite: false, types: ['node'] },
      include: copied.map((folder) => `${folder}/**/*.ts`),
    })}\n`,
  );
  const files = copied
    .flatMap((folder) =>
      readdirSync(join(directory, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, file),
      ),
    )
    .filter((file) => file.endsWith('.ts'))
    .sort();
  const untidy = files.slice(0, options.untidyMax ?? 12);
  for (const [index, file] of untidy.entries()) {
    appendFileSync(join(directory, file), `export const  untidy${index}:number[]=[ ${index},1 ]\n`);
  }
  return { directory, files, untidy };
}
