// `npm run test:interop [-- FOLDER…] [-- --quick]`: installs each folder of test/interop that has dependencies of its
// own, and runs its tests. Without a folder, all of them.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const interop = fileURLToPath(new URL('../test/interop/', import.meta.url));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const folders = readdirSync(interop).filter((name) => existsSync(`${interop}${name}/package.json`));

const unknown = named.filter((name) => !folders.includes(name));
if (unknown.length > 0) {
  console.error(`no such folder: ${unknown.join(', ')}; there is ${folders.join(', ')}`);
  process.exit(2);
}

const failed = (named.length > 0 ? named : folders).filter((name) => {
  const cwd = `${interop}${name}`;
  console.log(`== test/interop/${name}`);
  return !run(['ci', '--no-audit', '--no-fund'], cwd) || !run(['test', '--', ...flags], cwd);
});
console.log(failed.length === 0 ? 'every folder passed' : `failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function run(args, cwd) {
  // On Windows npm is a script that only a shell can start.
  const shell = process.platform === 'win32';
  return spawnSync('npm', args, { cwd, stdio: 'inherit', shell }).status === 0;
}
