// The last step of `npm run build`: the command line's entry and `run`, with all they load, as one CommonJS file that
// package.json names as its bin. Loading the 27 modules one by one took longer than all else that `throughline run`
// does. Other commands stay files of their own, and dist/src/cli/main.js does the same without this file.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const folder = fileURLToPath(new URL('../dist/src/cli/', import.meta.url));
const file = `${folder}throughline.cjs`;

async function bundle() {
  const build = await rolldown({
    input: `${folder}main.js`,
    platform: 'node',
    // The paths stay right: the bundle stands beside main.js.
    external: (id) => id.startsWith('node:') || /\/commands\/(?!run\.js)/.test(id),
    makeAbsoluteExternalsRelative: false,
  });
  const { output } = await build.generate({ format: 'cjs', codeSplitting: false });
  return output[0].code;
}

const code = await bundle();
if (process.argv[2] !== '--check') {
  writeFileSync(file, code);
  chmodSync(file, 0o755);
} else if (readFileSync(file, 'utf8') !== code) {
  console.error('dist/src/cli/throughline.cjs is older than what it was made of: npm run build');
  process.exitCode = 1;
}
