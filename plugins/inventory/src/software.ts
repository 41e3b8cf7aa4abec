import type {
  AgentFacts,
  Init,
  ListInstalledSoftwareRequest,
  ListInstalledSoftwareResponse,
  Logger,
} from '@limiquantix/plugin-sdk';
import { Cached } from './cached.ts';
import { sortedInTurns } from './in-turns.ts';
import { Apk } from './linux/software/apk.ts';
import { Dpkg } from './linux/software/dpkg.ts';
import type { Package, PackageDatabase, Reading } from './linux/software/package-database.ts';
import { Rpm } from './linux/software/rpm.ts';

/** More would take longer than 10 ms to encode. */
const MOST_ENTRIES = 5000;
/** What an answer's envelope and its other fields may take. */
const BESIDES = 65_536;

export interface SoftwareOptions {
  readonly log: Logger;
  readonly agent: AgentFacts;
  /** Aborted when nobody will ask again. */
  readonly signal: AbortSignal;
  readonly databases?: readonly PackageDatabase[];
}

/** What the package managers of the guest have installed. */
export class Software {
  readonly #reading: Reading;
  readonly #mostBytes: number;
  readonly #databases: readonly PackageDatabase[];
  readonly #packages = new Cached<readonly Package[]>(Number.POSITIVE_INFINITY);

  constructor({ log, agent, signal, databases }: SoftwareOptions) {
    this.#reading = { log, signal };
    this.#mostBytes = agent.maxMessageBytes - BESIDES;
    this.#databases = databases ?? [new Dpkg(), new Rpm(), new Apk()];
  }

  /**
   * By name, as many as were asked for and fit into an answer.
   * @throws AgentError INTERNAL_ERROR where a database is there and cannot be read
   */
  async list({
    filter,
    maxEntries,
  }: ListInstalledSoftwareRequest): Promise<Init<ListInstalledSoftwareResponse>> {
    const packages = await this.#current();
    const wanted = filter.toLowerCase();
    const found = packages.filter(({ name }) => name.toLowerCase().includes(wanted));
    const most = Math.min(maxEntries || MOST_ENTRIES, MOST_ENTRIES);
    return { software: fitting(found.slice(0, most), this.#mostBytes), totalCount: found.length };
  }

  /** Read anew when one of the databases changed. */
  async #current(): Promise<readonly Package[]> {
    const revisions = await Promise.all(this.#databases.map((database) => database.revision()));
    return this.#packages.get(revisions.join('\n'), async () => {
      const present = this.#databases.filter((_, index) => revisions[index] !== '');
      if (present.length === 0) this.#reading.log.info('the guest has no package manager');
      const packages = await Promise.all(present.map((database) => database.read(this.#reading)));
      return sortedInTurns(packages.flat(), byName);
    });
  }
}

function byName(one: Package, other: Package): number {
  return (
    compare(one.name, other.name) ||
    compare(one.architecture, other.architecture) ||
    compare(one.version, other.version)
  );
}

/** By their UTF-16 units, which needs no knowledge of languages. */
function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** The first of them that fit into so many bytes. */
function fitting(packages: readonly Package[], bytes: number): readonly Package[] {
  let room = bytes;
  const end = packages.findIndex((found) => {
    room -= mostBytes(found);
    return room < 0;
  });
  return end < 0 ? packages : packages.slice(0, end);
}

/** An upper bound of an entry's size on the wire. */
function mostBytes({ name, version, publisher, architecture }: Package): number {
  return 64 + Buffer.byteLength(name + version + publisher + architecture);
}
