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

const configuration = ['.oxfmtrc.json', '.oxlintrc.json', 'package.json', 'tsconfig.base.json'];
const untidyMax = 12;

/** Copies `folders` of the repository into `directory`, which must not exist, and makes some files untidy. */
export function copyWorkspace(
  repository: string,
  directory: string,
  folders: readonly string[],
): Workspace {
  mkdirSync(directory, { recursive: true });
  for (const folder of [...folders, ...configuration]) {
    cpSync(join(repository, folder), join(directory, folder), { recursive: true });
  }
  // The tools are the workspace's own, as in any checkout.
  symlinkSync(join(repository, 'node_modules'), join(directory, 'node_modules'), 'dir');
  writeFileSync(
    join(directory, 'tsconfig.json'),
    `${JSON.stringify({
      extends: './tsconfig.base.json',
      compilerOptions: { composite: false, types: ['node'] },
      include: folders.map((folder) => `${folder}/**/*.ts`),
    })}\n`,
  );
  const files = folders
    .flatMap((folder) =>
      readdirSync(join(directory, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, file),
      ),
    )
    .filter((file) => file.endsWith('.ts'))
    .sort();
  const untidy = files.slice(0, untidyMax);
  for (const [index, file] of untidy.entries()) {
    appendFileSync(join(directory, file), `export const  untidy${index}:number[]=[ ${index},1 ]\n`);
  }
  return { directory, files, untidy };
}
