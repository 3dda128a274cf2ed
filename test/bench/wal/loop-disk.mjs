/** An ext4 file system of its own in a file: its device's counters are nobody else's, and its power can be cut. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

export function tool(command, ...options) {
  return execFileSync(command, options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** EXT4_IOC_SHUTDOWN without a flush of the log: from here on nothing more reaches the disk. */
const cut = `import fcntl,os,struct,sys
fcntl.ioctl(os.open(sys.argv[1],os.O_RDONLY),0x8004587d,struct.pack("I",2))`;

/** Runs `use` on a fresh one. Returns what it returns, or a string that says why there is none here. */
export async function withLoopDisk({ workspace, blockBytes = 4096 }, use) {
  const directory = join(workspace, 'loop');
  const image = join(directory, 'disk.img');
  const mount = join(directory, 'disk');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(mount, { recursive: true });
  try {
    tool('truncate', '-s', '512M', image);
    tool('mkfs.ext4', '-q', '-F', '-b', String(blockBytes), image);
    tool('mount', '-o', 'loop', image, mount);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    return `no ext4 loop mount here (root on Linux only): ${String(error.stderr || error.message).trim()}`;
  }
  try {
    return await use({
      mount,
      loop: basename(tool('findmnt', '-n', '-o', 'SOURCE', mount).trim()),
      cutPower: () => tool('python3', '-c', cut, mount),
      remount() {
        tool('umount', mount);
        tool('mount', '-o', 'loop', image, mount);
      },
    });
  } finally {
    tool('umount', mount);
    rmSync(directory, { recursive: true, force: true });
  }
}
