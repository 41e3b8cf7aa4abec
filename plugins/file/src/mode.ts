const PERMISSIONS = 0o7777;

/** The permission bits of a mode, set-id and sticky bits included, without the file's type. */
export function permissions(mode: number | bigint): number {
  return Number(mode) & PERMISSIONS;
}
