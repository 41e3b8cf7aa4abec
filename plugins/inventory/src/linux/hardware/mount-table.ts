import { type Mount, parseMounts } from '@limiquantix/plugin-sdk/guest';
import { inTurns } from '../../in-turns.ts';
import type { SystemFiles } from '../system-files.ts';

/** Where a filesystem is mounted. */
export interface MountedAt {
  readonly mountPoint: string;
  readonly filesystem: string;
  /** Whether its path leads to it, past nothing that could keep whoever looks waiting. */
  readonly reachable: boolean;
}

/** Filesystems without a device that answer by themselves, unlike those of servers. */
const IN_MEMORY = new Set(['rootfs', 'ramfs', 'tmpfs', 'devtmpfs', 'overlay']);

/** They span devices, and so have a number that is no device's. */
const SPANNING = new Set(['btrfs', 'bcachefs']);

/** A guest with containers has thousands of mounts. */
export async function readMountTable(files: SystemFiles): Promise<MountTable> {
  const text = (await files.bytes('/proc/self/mountinfo')).toString();
  const mounts: Mount[] = [];
  for await (const rows of inTurns(text.split('\n'))) mounts.push(...parseMounts(rows.join('\n')));
  return new MountTable(mounts);
}

/** The mount table, asked for devices. */
export class MountTable {
  readonly #mounts: readonly Mount[];
  /** What is mounted on a mount, by the path where. */
  readonly #on: ReadonlyMap<string, Mount>;

  constructor(mounts: readonly Mount[]) {
    this.#mounts = mounts;
    this.#on = new Map(this.#mounts.map((mount) => [place(mount.parent, mount.mountPoint), mount]));
  }

  /**
   * The shortest path to a device's filesystem, one that leads to it where there is any.
   * @param number `254:1`
   * @param names as it is mounted by: `/dev/vda1`, `/dev/mapper/vg-root`
   */
  of(number: string, names: readonly string[]): MountedAt | undefined {
    let best: MountedAt | undefined;
    for (const mount of this.#mounts) {
      if (!isOf(mount, number, names)) continue;
      const { mountPoint, filesystem } = mount;
      const found = { mountPoint, filesystem, reachable: this.#reaches(mount) };
      if (!best || isBetter(found, best)) best = found;
    }
    return best;
  }

  /** Follows its path as the kernel does, from mount to mount. */
  #reaches(mount: Mount): boolean {
    let current: Mount | undefined;
    for (const path of prefixes(mount.mountPoint)) {
      if (current && !answersByItself(current)) return false;
      current = this.#uppermost(current, path);
    }
    return current === mount && answersByItself(mount);
  }

  /** What a lookup ends on that comes to a path of a mount: mounts can be stacked. */
  #uppermost(below: Mount | undefined, path: string): Mount | undefined {
    let current = below ?? this.#mounts.find((mount) => mount.mountPoint === '/');
    const passed = new Set<Mount>();
    while (current && !passed.has(current)) {
      passed.add(current);
      const above = this.#on.get(place(current.id, path));
      if (!above) break;
      current = above;
    }
    return current;
  }
}

function isOf(mount: Mount, number: string, names: readonly string[]): boolean {
  if (mount.deviceNumber === number) return true;
  return SPANNING.has(mount.filesystem) && names.includes(mount.device);
}

function isBetter(one: MountedAt, other: MountedAt): boolean {
  if (one.reachable !== other.reachable) return one.reachable;
  return one.mountPoint.length < other.mountPoint.length;
}

/** Where the root itself hangs, the agent does too. */
function answersByItself({ mountPoint, deviceNumber, filesystem }: Mount): boolean {
  if (mountPoint === '/' || IN_MEMORY.has(filesystem) || SPANNING.has(filesystem)) return true;
  return !deviceNumber.startsWith('0:') && !filesystem.startsWith('fuse');
}

function place(mount: number, path: string): string {
  return `${mount} ${path}`;
}

/** `/a/b` and the paths above it: `/`, `/a`, `/a/b`. */
function prefixes(path: string): string[] {
  const parts = path.split('/').filter(Boolean);
  return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)];
}
