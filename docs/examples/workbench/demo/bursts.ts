/** All three fronts at work at once, each with a burst of concurrent requests. */
import { join } from 'node:path';
import type { Asked, FrontName } from './asked.js';
import { driveCli } from './drive-cli.js';
import { driveLsp, openFiles, type LspFront } from './drive-lsp.js';
import { driveMcp, type McpFront } from './drive-mcp.js';
import type { Workspace } from './workspace.js';

export interface Fronts {
  readonly mcp: McpFront;
  readonly lsp: LspFront;
  /** What a shell has: a PATH with `workbench` on it. */
  readonly shell: Readonly<Record<string, string>>;
}

export type Sizes = Readonly<Record<FrontName, number>> & { readonly opened: number };

/** Everything that was asked, in no particular order. `onTold` is called at each answer. */
export async function burst(
  fronts: Fronts,
  workspace: Workspace,
  sizes: Sizes,
  onTold: () => void,
): Promise<Asked[]> {
  const { directory, files } = workspace;
  // Every burst over the same files: runs of different requests meet in the same ERs.
  const opened = files.slice(-sizes.opened).map((file) => join(directory, file));
  const asking = [
    ...driveMcp(fronts.mcp, sizes.mcp, files),
    ...driveLsp(fronts.lsp, sizes.lsp, files),
    ...openFiles(fronts.lsp, opened),
    ...driveCli(fronts.shell, sizes.cli, files),
  ];
  for (const one of asking) void one.then(onTold, onTold);
  return Promise.all(asking);
}
