import type { Mount } from '@limiquantix/plugin-sdk/guest';
import { notAMountPoint, tooManyMountPoints } from '../errors.ts';

/** A filesystem, however often and in whatever parts it is mounted. */
export interface Filesystem {
  readonly deviceNumber: string;
  /** The first one is what answers call it by. */
  readonly mounts: readonly [Mount, ...Mount[]];
}

export interface Skipped {
  readonly mount: Mount;
  readonly reason: string;
}

export interface Selection {
  /** In the order in which they are to be frozen. */
  readonly filesystems: readonly Filesystem[];
  /** Asked for, but of a kind that is never frozen. */
  readonly skipped: readonly Skipped[];
}

export interface SelectionOptions {
  readonly mounts: readonly Mount[];
  /** None: every writable local filesystem. */
  readonly mountPoints: readonly string[];
  /** The files that a filesystem's device consists of, where that is a loop device. */
  readonly backingFiles: (mount: Mount) => readonly string[];
}

/** One process holds a descriptor for each; more disks than this no guest has. */
const MAX_FILESYSTEMS = 256;

/**
 * What to freeze, and in which order: the last mounted first and `/` last, but whatever lies
 * in a file of another filesystem before that one, or it could not be written out.
 * @throws AgentError QUIESCE_FAILED where a path is no mount point
 */
export function selectFilesystems(options: SelectionOptions): Selection {
  const { mounts, mountPoints } = options;
  const all = [...Map.groupBy(mounts, (mount) => mount.deviceNumber).values()] as Mounts[];
  if (mountPoints.length === 0) {
    const frozen = all.filter(([mount]) => whyNever(mount) === undefined);
    return { filesystems: inOrder(frozen, options), skipped: [] };
  }
  if (mountPoints.length > MAX_FILESYSTEMS) throw tooManyMountPoints(MAX_FILESYSTEMS);
  const asked = new Map(
    mountPoints.map((path) => {
      const mount = mountAt(path, mounts);
      return [mount.deviceNumber, mount];
    }),
  );
  const skipped = [...asked.values()].flatMap((mount) => {
    const reason = whyNever(mount);
    return reason === undefined ? [] : { mount, reason };
  });
  const frozen = all.flatMap((group) => {
    const mount = asked.get(group[0].deviceNumber);
    if (!mount || whyNever(mount) !== undefined) return [];
    return [[mount, ...group.filter((other) => other !== mount)] as Mounts];
  });
  return { filesystems: inOrder(frozen, options), skipped };
}

type Mounts = [Mount, ...Mount[]];

/** They can span devices, so their own number is an anonymous one, as those of no device are. */
const SPANNING = new Set(['btrfs', 'bcachefs', 'zfs']);

/** On a block device, but other machines write there too and would all be stopped. */
const CLUSTERED = new Set(['gfs', 'gfs2', 'ocfs2', 'lustre']);

/** Why a filesystem is never frozen; undefined where it can be tried. */
function whyNever({ deviceNumber, filesystem, readOnly }: Mount): string | undefined {
  if (filesystem.startsWith('fuse')) return 'a FUSE filesystem is not frozen';
  if (CLUSTERED.has(filesystem)) return `${filesystem} is shared with other machines`;
  const local = !deviceNumber.startsWith('0:') || SPANNING.has(filesystem);
  if (!local) return `${filesystem} is not on a local disk`;
  if (readOnly) return 'it is read-only';
  return undefined;
}

function mountAt(path: string, mounts: readonly Mount[]): Mount {
  if (!path.startsWith('/')) throw notAMountPoint(path, 'is not an absolute path');
  const bare = withoutTrailingSlash(path);
  // Where one was mounted over another, the later one is what the path leads to.
  const mount = mounts.findLast(({ mountPoint }) => mountPoint === bare);
  if (!mount) throw notAMountPoint(path);
  return mount;
}

export function withoutTrailingSlash(path: string): string {
  return path.replace(/\/+$/, '') || '/';
}

function inOrder(groups: readonly Mounts[], options: SelectionOptions): Filesystem[] {
  if (groups.length > MAX_FILESYSTEMS) throw tooManyMountPoints(MAX_FILESYSTEMS);
  const filesystems = groups.map((mounts) => ({ deviceNumber: mounts[0].deviceNumber, mounts }));
  const last = (filesystem: Filesystem) => filesystem.mounts.some((m) => m.mountPoint === '/');
  const reversed = filesystems.reverse().sort((a, b) => Number(last(a)) - Number(last(b)));
  const above = liesOn(reversed, options);
  const ordered = new Set<Filesystem>();
  const visited = new Set<Filesystem>();
  const visit = (filesystem: Filesystem): void => {
    if (visited.has(filesystem)) return;
    visited.add(filesystem);
    for (const other of above.get(filesystem.deviceNumber) ?? []) visit(other);
    ordered.add(filesystem);
  };
  for (const filesystem of reversed) visit(filesystem);
  return [...ordered];
}

/** By device number: the filesystems that lie in files of that one. */
function liesOn(
  filesystems: readonly Filesystem[],
  { mounts, backingFiles }: SelectionOptions,
): Map<string, Filesystem[]> {
  const pairs = filesystems.flatMap((filesystem) =>
    backingFiles(filesystem.mounts[0]).map((file) => [holderOf(file, mounts), filesystem] as const),
  );
  const byHolder = Map.groupBy(pairs, ([holder]) => holder ?? '');
  return new Map([...byHolder].map(([holder, found]) => [holder, found.map(([, fs]) => fs)]));
}

/** The device number of the filesystem that a file is in. */
function holderOf(file: string, mounts: readonly Mount[]): string | undefined {
  const inside = ({ mountPoint }: Mount) =>
    mountPoint === '/' || file === mountPoint || file.startsWith(`${mountPoint}/`);
  const longest = (a: Mount | undefined, b: Mount) =>
    a && a.mountPoint.length > b.mountPoint.length ? a : b;
  return mounts.filter(inside).reduce<Mount | undefined>(longest, undefined)?.deviceNumber;
}
