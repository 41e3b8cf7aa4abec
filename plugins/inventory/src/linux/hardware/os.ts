import { stat } from 'node:fs/promises';
import { type Init, type OsInfo, timestampOf } from '@limiquantix/plugin-sdk';
import { readOsInfo } from '@limiquantix/plugin-sdk/guest';
import type { SystemFiles } from '../system-files.ts';

/**
 * What installers leave behind (Debian and Ubuntu, Fedora and RHEL, SUSE), then the root of
 * the filesystem, which is as old as the filesystem itself.
 */
const MARKERS = ['/var/log/installer', '/root/anaconda-ks.cfg', '/var/log/YaST2', '/'] as const;

/** The first release of Linux: a filesystem older than that does not know its age. */
const EARLIEST = Date.UTC(1991, 8, 17);

/** @param installedAt milliseconds since the epoch */
export async function readOs(
  files: SystemFiles,
  installedAt: number | undefined,
): Promise<Init<OsInfo>> {
  const booted = /^btime (\d+)$/m.exec(await files.text('/proc/stat'))?.[1];
  return {
    ...readOsInfo(),
    installDate: installedAt === undefined ? undefined : timestampOf(installedAt),
    lastBoot: booted === undefined ? undefined : { seconds: Number(booted) },
  };
}

/**
 * When the system was installed, or the image that it was made from: the birth of the first
 * marker. Unlike the other times of a file nobody can set that.
 * @returns milliseconds since the epoch; undefined where the filesystem keeps none
 */
export async function readInstallTime(
  files: SystemFiles,
  now: number = Date.now(),
): Promise<number | undefined> {
  for (const marker of MARKERS) {
    const birth = await birthOf(files.path(marker));
    if (birth >= EARLIEST && birth <= now) return birth;
  }
  return undefined;
}

async function birthOf(path: string): Promise<number> {
  try {
    return (await stat(path)).birthtimeMs;
  } catch {
    return 0;
  }
}
