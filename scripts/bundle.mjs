// The last step of `npm run build`: what must start at once, as one file each, because loading modules one by one took
// longer than all they do. `node scripts/bundle.mjs --check` compares and writes nothing.
//
// - dist/src/cli/throughline.cjs, the bin: the command line's entry and `run`. Other commands stay files of their own,
//   and dist/src/cli/main.js does the same without it.
// - dist/adapters/cli/bundle.js, the export ./cli: dist/adapters/cli/index.js with what it loads.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../', import.meta.url));
const bundles = [
  {
    input: 'dist/src/cli/main.js',
    output: 'dist/src/cli/throughline.cjs',
    format: 'cjs',
    mode: 0o755,
  },
  {
    input: 'dist/adapters/cli/index.js',
    output: 'dist/adapters/cli/bundle.js',
    format: 'esm',
    mode: 0o644,
  },
];
const banner = '/*! Contains ulid, Copyright (c) 2017 Alizain Feerasta, MIT license. */';

async function code({ input, format }) {
  const build = await rolldown({
    input: root + input,
    platform: 'node',
    // A bundle stands beside its input, so the paths of what it leaves out stay right.
    external: (id) => id.startsWith('node:') || /\/commands\/(?!run\.js)/.test(id),
    makeAbsoluteExternalsRelative: false,
    // For Node it loads node:crypto, in case nobody hands it a source of random numbers. We do.
    resolve: { alias: { ulid: `${root}node_modules/ulid/dist/browser/index.js` } },
  });
  const { output } = await build.generate({ format, codeSplitting: false, postBanner: banner });
  return output[0].code;
}

for (const bundle of bundles) {
  const file = root + bundle.output;
  const made = await code(bundle);
  if (process.argv[2] !== '--check') {
    writeFileSync(file, made);
    chmodSync(file, bundle.mode);
  } else if (readFileSync(file, 'utf8') !== made) {
    console.error(`${bundle.output} is older than what it was made of: npm run build`);
    process.exitCode = 1;
  }
}
