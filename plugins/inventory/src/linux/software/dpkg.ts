import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path/posix';
import { timestampOf } from '@limiquantix/plugin-sdk';
import { lineBatches } from '../line-batches.ts';
import {
  type Package,
  type PackageDatabase,
  type Reading,
  revisionOf,
} from './package-database.ts';
import { type Stanza, StanzaReader } from './stanzas.ts';

const FIELDS = [
  'Package',
  'Status',
  'Version',
  'Architecture',
  'Maintainer',
  'Installed-Size',
  'Multi-Arch',
];

/** dpkg's own words; a package whose triggers have not run yet is installed. */
const INSTALLED = new Set(['installed', 'triggers-awaited', 'triggers-pending']);

/** What Debian allows in a name, and so nothing that leads elsewhere. */
const NAME = /^[a-z0-9][a-z0-9+.-]*$/;
const ARCHITECTURE = /^[a-z0-9-]+$/;

/** The packages of Debian and its kin, from dpkg's own files. */
export class Dpkg implements PackageDatabase {
  readonly #status: string;
  /** Images that are made without dpkg have a file for each package instead. */
  readonly #statuses: string;
  readonly #info: string;

  constructor(directory = '/var/lib/dpkg') {
    this.#status = join(directory, 'status');
    this.#statuses = join(directory, 'status.d');
    this.#info = join(directory, 'info');
  }

  revision(): Promise<string> {
    return revisionOf([this.#status, this.#statuses]);
  }

  async read({ signal }: Reading): Promise<Package[]> {
    const packages: Package[] = [];
    for (const file of await this.#files()) {
      for await (const stanzas of stanzasOf(file)) {
        signal.throwIfAborted();
        const installed = stanzas.filter(isInstalled);
        packages.push(...(await Promise.all(installed.map((stanza) => this.#describe(stanza)))));
      }
    }
    return packages;
  }

  async #files(): Promise<string[]> {
    const names = await namesIn(this.#statuses);
    const own = names.filter((name) => !name.endsWith('.md5sums'));
    const status = await revisionOf([this.#status]);
    return [
      ...(status === '' ? [] : [this.#status]),
      ...own.sort().map((name) => join(this.#statuses, name)),
    ];
  }

  async #describe(stanza: Stanza): Promise<Package> {
    const of = (name: string) => stanza.get(name) ?? '';
    const installedAt = await this.#installedAt(stanza);
    return {
      name: of('Package'),
      version: of('Version'),
      publisher: of('Maintainer'),
      installDate: installedAt === undefined ? undefined : timestampOf(installedAt),
      sizeBytes: kibibytes(of('Installed-Size')),
      packageType: 'deb',
      architecture: of('Architecture'),
    };
  }

  /** dpkg writes the list of a package's files when it installs it, and keeps no other date. */
  async #installedAt(stanza: Stanza): Promise<number | undefined> {
    const [name = '', architecture = ''] = [stanza.get('Package'), stanza.get('Architecture')];
    if (!NAME.test(name) || !ARCHITECTURE.test(architecture)) return undefined;
    const list = stanza.get('Multi-Arch') === 'same' ? `${name}:${architecture}` : name;
    try {
      return (await stat(join(this.#info, `${list}.list`))).mtimeMs;
    } catch {
      return undefined;
    }
  }
}

async function* stanzasOf(file: string): AsyncGenerator<Stanza[]> {
  const reader = new StanzaReader(FIELDS);
  for await (const lines of lineBatches(file)) yield reader.take(lines);
  yield reader.end();
}

/** Where there is a file for each package it is there because it is installed. */
function isInstalled(stanza: Stanza): boolean {
  const status = stanza.get('Status');
  const state = status === undefined ? 'installed' : (status.split(/\s+/)[2] ?? '');
  return stanza.has('Package') && INSTALLED.has(state);
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch {
    return [];
  }
}

function kibibytes(text: string): number {
  return /^\d{1,12}$/.test(text) ? Number(text) * 1024 : 0;
}
