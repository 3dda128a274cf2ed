/** Compiles and runs limit.c. No compiler is a reason to stop: without the limit there is no ratio to report. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('limit.c', import.meta.url));

/** Returns `limit(batch, ms, mode)`: records in a second. */
export function compileLimit(directory, recordBytes) {
  const program = join(directory, 'limit');
  execFileSync(process.env.CC ?? 'cc', ['-O2', '-o', program, source], { stdio: 'inherit' });
  return (batch, ms, mode = 'append') => {
    const options = [join(directory, 'limit.dat'), recordBytes, batch, ms, mode].map(String);
    const [records, seconds] = execFileSync(program, options, { encoding: 'utf8' }).split(' ');
    return Number(records) / Number(seconds);
  };
}
