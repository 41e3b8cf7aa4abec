import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import type { Package, PackageDatabase, Reading } from '../src/linux/software/package-database.ts';
import { Software } from '../src/software.ts';

export const reading: Reading = {
  signal: new AbortController().signal,
  log: memoryLogger(),
};

export function somePackage(name: string, about: Partial<Package> = {}): Package {
  return {
    name,
    version: '1.0-1',
    publisher: 'Somebody <somebody@example.org>',
    installDate: undefined,
    sizeBytes: 1024,
    packageType: 'deb',
    architecture: 'amd64',
    ...about,
  };
}

/** A database in memory; a test may change it and its revision. */
export class FakeDatabase implements PackageDatabase {
  packages: Package[];
  current = '1';
  reads = 0;

  constructor(packages: readonly Package[]) {
    this.packages = [...packages];
  }

  async revision(): Promise<string> {
    return this.current;
  }

  async read(): Promise<Package[]> {
    this.reads++;
    return this.packages;
  }
}

export function softwareOf(
  databases: readonly PackageDatabase[],
  { maxMessageBytes = 4 * 1024 * 1024 } = {},
): { readonly software: Software; readonly log: ReturnType<typeof memoryLogger> } {
  const log = memoryLogger();
  const agent = { version: '0.0.0-test', maxMessageBytes, maxChunkBytes: 65_536 };
  return { software: new Software({ ...reading, log, agent, databases }), log };
}
