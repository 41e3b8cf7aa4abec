// Facts about the guest that more than one part reports, read without spawning anything.
export { type GuestAddress, guestAddresses } from './addresses.ts';
export { type OsRelease, readOsRelease } from './os-release.ts';
