/** `onFailure: 'exit'`: a host that must not work without a record ends, and says why. */

/** EX_IOERR of sysexits.h. */
const exitCode = 74;

export function endProcess(root: string, why: string): never {
  process.stderr.write(
    `throughline: the WAL under ${root} failed, and this process ends as configured: ${why}\n`,
  );
  process.exit(exitCode);
}
