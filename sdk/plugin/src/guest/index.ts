// Facts about the guest that more than one part reports, read without spawning anything.
export { type GuestAddress, guestAddresses, isGuestInterface } from './addresses.ts';
export { type Mount, parseMounts } from './mounts.ts';
export { readOsInfo } from './os-info.ts';
export { type OsRelease, readOsRelease } from './os-release.ts';
