import { lineBatches } from '../line-batches.ts';
import {
  type Package,
  type PackageDatabase,
  type Reading,
  revisionOf,
} from './package-database.ts';
import { type Stanza, StanzaReader } from './stanzas.ts';

/** Name, version, architecture, size when installed, maintainer. */
const FIELDS = ['P', 'V', 'A', 'I', 'm'];

/** The packages of Alpine. Its database knows when they were built, not when installed. */
export class Apk implements PackageDatabase {
  readonly #file: string;

  constructor(file = '/lib/apk/db/installed') {
    this.#file = file;
  }

  revision(): Promise<string> {
    return revisionOf([this.#file]);
  }

  async read({ signal }: Reading): Promise<Package[]> {
    const reader = new StanzaReader(FIELDS);
    const packages: Package[] = [];
    for await (const lines of lineBatches(this.#file)) {
      signal.throwIfAborted();
      packages.push(...reader.take(lines).map(describe));
    }
    return [...packages, ...reader.end().map(describe)];
  }
}

function describe(stanza: Stanza): Package {
  const of = (name: string) => stanza.get(name) ?? '';
  return {
    name: of('P'),
    version: of('V'),
    publisher: of('m'),
    installDate: undefined,
    sizeBytes: Number(of('I')) || 0,
    packageType: 'apk',
    architecture: of('A'),
  };
}
