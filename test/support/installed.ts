/** Whether a program that only some tests need is on this machine; what did not run is said in one line, once. */
import { spawnSync } from 'node:child_process';

const found = new Map<string, boolean>();

export function isInstalled(program: string): boolean {
  const known = found.get(program);
  if (known !== undefined) return known;
  const isHere = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  found.set(program, isHere);
  if (!isHere) console.log(`did not run: ${program} is not here (apt-get install -y ${program})`);
  return isHere;
}
