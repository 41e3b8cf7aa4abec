import { stat } from 'node:fs/promises';
import type { InstalledSoftware, Logger } from '@limiquantix/plugin-sdk';

export type Package = Pick<
  InstalledSoftware,
  'name' | 'version' | 'publisher' | 'packageType' | 'architecture' | 'installDate'
> & {
  /** What it takes when it is installed. */
  readonly sizeBytes: number;
};

/** What one package manager of the guest has installed. */
export interface PackageDatabase {
  /** Another one whenever the database changed; empty where the guest has none. */
  revision(): Promise<string>;
  /** @throws Error where there is a database that cannot be read */
  read(reading: Reading): Promise<Package[]>;
}

export interface Reading {
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** Which files there are, and whether they are the same as before. */
export async function revisionOf(paths: readonly string[]): Promise<string> {
  const revisions = await Promise.all(
    paths.map(async (path) => {
      try {
        const { ino, size, mtimeNs } = await stat(path, { bigint: true });
        return [`${path} ${ino} ${size} ${mtimeNs}`];
      } catch {
        return [];
      }
    }),
  );
  return revisions.flat().join();
}
