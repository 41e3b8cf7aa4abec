// What more than one plugin needs of the guest. Facts are read without spawning anything.
export {
  type Account,
  AccountFiles,
  type AccountNames,
  type AccountPaths,
  type AccountSource,
  isAccountName,
  parseAccount,
  parseGroup,
  parseId,
} from './accounts.ts';
export { type GuestAddress, guestAddresses, isGuestInterface } from './addresses.ts';
export { withCleanInheritance } from './clean-inheritance.ts';
export type { DesktopPaths } from './desktop/paths.ts';
export { DesktopWatch, type DesktopWatchOptions } from './desktop/watch.ts';
export {
  type DesktopSession,
  type DesktopType,
  type DesktopUser,
  type FindDesktopSession,
  findDesktopSession,
  noDisplayServer,
} from './desktop-session.ts';
export { type CType, type Libc, libc } from './libc.ts';
export { type Mount, parseMounts } from './mounts.ts';
export { type NameCache, nameCache } from './name-cache.ts';
export { readOsInfo } from './os-info.ts';
export { type OsRelease, readOsRelease } from './os-release.ts';
export {
  findTool,
  type RunTool,
  runTool,
  ToolMissing,
  type ToolOptions,
  type ToolResult,
} from './run-tool.ts';
export type { FileFacts } from './statx.ts';
