/** Checks of where the streams are: the root, its file system, its disk, and other roots that are used beside it. */
import { lstat, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { explainRoot, listStreams, type StreamRef } from '../../wal/index.js';
import { finding, note, ok, type Check } from './check.js';

/** Magic numbers of statfs(2). */
const networks: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x01021997, '9p'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x65735546, 'FUSE'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x6a656a63, 'a shared folder of a virtual machine'],
]);
const locals: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'XFS'],
  [0x9123683e, 'Btrfs'],
  [0x2fc12fc1, 'ZFS'],
  [0xf2f52010, 'F2FS'],
  [0xca451a4e, 'bcachefs'],
]);
const overlay = 0x794c7630;
const tmpfs = 0x01021994;
/** What recorders keep to, unless they were told otherwise. */
const retentionBytes = 1024 ** 3;
const freeBytesMin = 256 * 1024 ** 2;

/** All checks of one root; `finding` alone when it cannot be used. */
export async function checkPlace(root: string): Promise<readonly Check[]> {
  let refs: readonly StreamRef[];
  try {
    refs = await listStreams(root);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [finding('root', message, 'throughline where says which root is used and why')];
  }
  return [
    await checkOwner(root, refs.length),
    await checkFileSystem(root),
    await checkDisk(root, refs),
  ];
}

/** Other roots that the rules would lead to from here, if another rule were followed, and that hold streams. */
export async function checkOtherRoots(used: readonly string[]): Promise<Check> {
  const others: string[] = [];
  for (const { root } of explainRoot()) {
    if (root === undefined || used.includes(root) || others.includes(root)) continue;
    const streams = await listStreams(root).catch(() => []);
    if (streams.length > 0) others.push(root);
  }
  return others.length === 0
    ? ok('other roots', 'no other root that is found from here holds streams')
    : note(
        'other roots',
        `${others.join(' and ')} ${others.length === 1 ? 'holds' : 'hold'} streams, too`,
        'what went through both is whole only with --root given for each',
      );
}

async function checkOwner(root: string, streams: number): Promise<Check> {
  const found = await lstat(root);
  const uid = process.getuid?.();
  if (found.isSymbolicLink()) {
    return note('root', `${root} is a symbolic link, which is followed when it is named`);
  }
  if (uid !== undefined && found.uid !== uid) {
    return finding(
      'root',
      `${root} belongs to another user (uid ${found.uid})`,
      'use your own root',
    );
  }
  if ((found.mode & 0o022) !== 0) {
    return finding('root', `${root} can be written by others`, `chmod go-w ${root}`);
  }
  return ok('root', `${root}: ours, ${streams} ${streams === 1 ? 'stream' : 'streams'}`);
}

async function checkFileSystem(root: string): Promise<Check> {
  const { type } = await statfs(root);
  const magic = type >>> 0;
  const network = networks.get(magic);
  if (network !== undefined) {
    return finding(
      'file system',
      `${network}: what a sync promises there was not tried, and inotify does not see other machines`,
      'keep the root on a local disk: THROUGHLINE_ROOT',
    );
  }
  if (magic === tmpfs) {
    return note('file system', 'tmpfs: everything is gone after a restart of the machine');
  }
  if (magic === overlay) {
    return note(
      'file system',
      'overlay, as in a container: everything is gone with the container',
      'mount a volume for the root, if it is to outlive the container',
    );
  }
  const name = locals.get(magic);
  return name === undefined
    ? note('file system', `of a kind that is not known here (0x${magic.toString(16)})`)
    : ok('file system', `${name}, local`);
}

async function checkDisk(root: string, refs: readonly StreamRef[]): Promise<Check> {
  const { bavail, bsize } = await statfs(root);
  const free = bavail * bsize;
  const used = await bytesOf(refs);
  const message = `${size(used)} in streams, ${size(free)} free; recorders keep ${size(retentionBytes)} unless told otherwise`;
  if (free < freeBytesMin || free < retentionBytes - used) {
    return finding(
      'disk',
      `${message}: it may fill up first`,
      'make room, or give recorders a lower bytesMax (throughline prune --keep-bytes N now)',
    );
  }
  return used > retentionBytes
    ? note('disk', message, 'throughline prune --dry-run says what would go')
    : ok('disk', message);
}

async function bytesOf(refs: readonly StreamRef[]): Promise<number> {
  let bytes = 0;
  for (const { directory } of refs) {
    const names = await readdir(directory).catch(() => []);
    for (const name of names) {
      const found = await stat(join(directory, name)).catch(() => undefined);
      bytes += found?.size ?? 0;
    }
  }
  return bytes;
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
