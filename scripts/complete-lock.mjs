// Completes a lockfile: `node scripts/complete-lock.mjs [FOLDER]` after every `npm install`. A registry that does not
// hold the binaries of other platforms makes npm leave them out of the lockfile, and then `npm ci` refuses it, here and
// everywhere. The entries need no more than name, version and platform; `npm ci` fetches the one that fits.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const file = join(process.argv[2] ?? '.', 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const platform =
  /(android|darwin|freebsd|linux|openharmony|wasm32|win32|sunos|aix|netbsd|openbsd|windows)-?(.*)$/;
let added = 0;

for (const [path, owner] of Object.entries(lock.packages)) {
  if (path === '') continue;
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    const match = platform.exec(name.split('/').at(-1));
    if (lock.packages[key] !== undefined || match === null) continue;
    const [, named, rest] = match;
    const os = named === 'windows' ? 'win32' : named;
    const libc = rest.endsWith('-gnu') ? ['glibc'] : rest.endsWith('-musl') ? ['musl'] : undefined;
    lock.packages[key] = {
      version,
      cpu: [rest.split('-')[0] || os],
      ...(owner.dev === true ? { dev: true } : {}),
      ...(os === 'linux' && libc !== undefined ? { libc } : {}),
      optional: true,
      // What runs anywhere has no `os`.
      ...(os === 'wasm32' ? {} : { os: [os] }),
      ...(owner.engines === undefined ? {} : { engines: owner.engines }),
    };
    added += 1;
  }
}

const sorted = Object.entries(lock.packages).toSorted(([one], [other]) => (one < other ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${file}: ${added} entries added`);
