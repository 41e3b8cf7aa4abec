/** One row of the mount table. */
export interface Mount {
  readonly id: number;
  readonly parent: number;
  /** `254:1`: the same for every mount of a filesystem, whatever part of it is mounted. */
  readonly deviceNumber: string;
  readonly mountPoint: string;
  readonly filesystem: string;
  /** `/dev/vda1`; for what has no device, any word. */
  readonly device: string;
  /** Of the filesystem itself: a read-only mount of a writable one is not. */
  readonly readOnly: boolean;
}

/** id, parent, device number, root, mount point, options, tags, `-`, filesystem, device, options. */
const ROW = /^(\d+) (\d+) (\d+:\d+) \S+ (\S+) \S+ (?:\S+ )*?- (\S+) (\S*) ?(\S*)/gm;

/**
 * @param text of /proc/self/mountinfo: unlike /proc/mounts it tells which rows are the same
 *   filesystem (bind mounts, btrfs subvolumes, a device with two names), and what a mount
 *   lies on
 */
export function parseMounts(text: string): Mount[] {
  return [...text.matchAll(ROW)].map(
    ([, id, parent, deviceNumber, mountPoint, filesystem, device, options]) => ({
      id: Number(id),
      parent: Number(parent),
      deviceNumber: deviceNumber as string,
      mountPoint: unescaped(mountPoint as string),
      filesystem: filesystem as string,
      device: unescaped(device as string),
      readOnly: (options as string).split(',').includes('ro'),
    }),
  );
}

/** The kernel writes blanks, newlines, backslashes and `#` as `\040`. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
