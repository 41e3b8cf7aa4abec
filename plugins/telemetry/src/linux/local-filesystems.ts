import type { Mount } from '@limiquantix/plugin-sdk/guest';

/** More than a guest has; containers can mount volumes by the thousand. */
const MAX_FILESYSTEMS = 64;

/** Read-only images: always full, which is nobody's concern. */
const IMAGES = new Set(['squashfs', 'erofs', 'cramfs', 'romfs', 'iso9660', 'udf']);

/** They can span devices, so their own number is an anonymous one. */
const SPANNING = new Set(['btrfs', 'zfs', 'bcachefs']);

/** A mount below one of these is reached without asking a server. */
const IN_MEMORY = new Set(['rootfs', 'ramfs', 'tmpfs', 'devtmpfs', 'overlay']);

/**
 * The filesystems that a report lists, each device once, under its shortest mount point.
 *
 * Only what lies on a block device, so neither pseudo filesystems nor overlays of
 * containers nor, above all, anything on a network or behind FUSE: statfs of one whose
 * server is gone blocks a thread for good, and four of those stop every file operation
 * of the agent. The host can ask the server itself. For the same reason a local disk that
 * is mounted below such a filesystem is left out.
 */
export function localFilesystems(mounts: readonly Mount[]): Mount[] {
  const byId = new Map(mounts.map((mount) => [mount.id, mount]));
  const byPath = Map.groupBy(mounts, (mount) => mount.mountPoint);
  const shortest = new Map<string, Mount>();
  for (const mount of mounts) {
    const rival = shortest.get(mount.deviceNumber);
    if (rival && rival.mountPoint.length <= mount.mountPoint.length) continue;
    if (!isListed(mount)) continue;
    const below = ancestors(mount, byId);
    if (isVisible(mount, below, byPath) && isReachable(mount, below)) {
      shortest.set(mount.deviceNumber, mount);
    }
  }
  return [...shortest.values()].slice(0, MAX_FILESYSTEMS);
}

function isListed(mount: Mount): boolean {
  const { filesystem, mountPoint } = mount;
  // The root of a live or immutable system: its writable layer.
  if (filesystem === 'overlay') return mountPoint === '/';
  return isOnDevice(mount) && !IMAGES.has(filesystem);
}

/** Block devices have a major number; what has none gets an anonymous one, with major 0. */
function isOnDevice({ deviceNumber, filesystem }: Mount): boolean {
  return !deviceNumber.startsWith('0:') || SPANNING.has(filesystem);
}

/** Whether nothing on its path can hang; what another mount covers is not on the path. */
function isReachable(mount: Mount, below: readonly Mount[]): boolean {
  const above = [mount, ...below];
  return below.every((m, index) => m.mountPoint === above[index]?.mountPoint || answersByItself(m));
}

/** Where the root itself hangs, the agent does too. */
function answersByItself(mount: Mount): boolean {
  return mount.mountPoint === '/' || isOnDevice(mount) || IN_MEMORY.has(mount.filesystem);
}

/** What the mount lies on, down to the root. */
function ancestors(mount: Mount, byId: ReadonlyMap<number, Mount>): Mount[] {
  const found: Mount[] = [];
  let parent = byId.get(mount.parent);
  while (parent && parent !== mount && !found.includes(parent)) {
    found.push(parent);
    parent = byId.get(parent.parent);
  }
  return found;
}

/** Whether its path leads to it: no later mount covers it, or a folder on the way. */
function isVisible(
  mount: Mount,
  below: readonly Mount[],
  byPath: ReadonlyMap<string, readonly Mount[]>,
): boolean {
  return prefixes(mount.mountPoint).every((path) =>
    (byPath.get(path) ?? []).every((other) => other === mount || below.includes(other)),
  );
}

/** `/a/b` and the paths above it: `/`, `/a`, `/a/b`. */
function prefixes(path: string): string[] {
  const parts = path.split('/').filter(Boolean);
  return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)];
}
