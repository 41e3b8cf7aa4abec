import { join } from 'node:path/posix';
import { AgentError } from '@limiquantix/plugin-sdk';
import { type RunTool, runTool, ToolMissing, type ToolResult } from '@limiquantix/plugin-sdk/guest';
import { inTurns } from '../../in-turns.ts';
import {
  type Package,
  type PackageDatabase,
  type Reading,
  revisionOf,
} from './package-database.ts';

export interface RpmOptions {
  /** Where the database lies, if not where rpm looks for it. */
  readonly directory?: string;
  readonly run?: RunTool;
}

/** Where it is on Fedora and its kin, now and before, and on SUSE. */
const DIRECTORIES = ['/usr/lib/sysimage/rpm', '/var/lib/rpm'] as const;
/** SQLite with its log, ndb, Berkeley DB: what changes when a package comes or goes. */
const FILES = ['rpmdb.sqlite', 'rpmdb.sqlite-wal', 'Packages.db', 'Packages'] as const;

/** A vendor may be any text: these two characters are in none. */
const FIELD = '\x1f';
const RECORD = '\x1e';
const FORMAT =
  ['NAME', 'EPOCH', 'VERSION', 'RELEASE', 'ARCH', 'VENDOR', 'LONGSIZE', 'INSTALLTIME']
    .map((tag) => `%{${tag}}`)
    .join(FIELD) + RECORD;

/** A database of Berkeley DB on a cold disk takes seconds. */
const TIMEOUT_MS = 60_000;
/** 60,000 packages: what is made one text of within a few milliseconds. */
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;

/** The packages of Fedora, SUSE and their kin. Only rpm itself can read its database. */
export class Rpm implements PackageDatabase {
  readonly #directories: readonly string[];
  readonly #location: readonly string[];
  readonly #run: RunTool;

  constructor({ directory, run = runTool }: RpmOptions = {}) {
    this.#directories = directory === undefined ? DIRECTORIES : [directory];
    this.#location = directory === undefined ? [] : ['--dbpath', directory];
    this.#run = run;
  }

  revision(): Promise<string> {
    return revisionOf(this.#directories.flatMap((at) => FILES.map((file) => join(at, file))));
  }

  /** @throws AgentError INTERNAL_ERROR where rpm fails */
  async read({ signal, log }: Reading): Promise<Package[]> {
    const args = [...this.#location, '-qa', '--queryformat', FORMAT];
    try {
      const result = await this.#run('rpm', args, {
        timeoutMs: TIMEOUT_MS,
        maxOutputBytes: MAX_OUTPUT_BYTES,
        signal,
      });
      return await parseRpm(complete(result));
    } catch (error) {
      // A minimal image: the database of its packages, and nothing that could read it.
      if (!(error instanceof ToolMissing)) throw error;
      log.warn('the rpm database cannot be read without rpm', { error });
      return [];
    }
  }
}

function complete({ stdout, stderr, exitCode, timedOut, truncated }: ToolResult): string {
  if (exitCode === 0 && !truncated) return stdout;
  let detail = `rpm -qa ended with ${exitCode}`;
  if (timedOut) detail = `rpm -qa did not end in ${TIMEOUT_MS / 1000} s`;
  else if (truncated) detail = `rpm -qa told more than ${MAX_OUTPUT_BYTES} bytes`;
  throw new AgentError('INTERNAL_ERROR', {
    detail,
    context: stderr.slice(0, 500).trim(),
    resolution: 'Check the database in the guest: rpmdb --verifydb',
  });
}

/** @param text of records as FORMAT asks for them */
export async function parseRpm(text: string): Promise<Package[]> {
  const packages: Package[] = [];
  for await (const records of inTurns(text.split(RECORD))) packages.push(...records.flatMap(parse));
  return packages;
}

function parse(record: string): Package[] {
  const fields = record.split(FIELD).map((field) => (field === '(none)' ? '' : field));
  const [name, epoch, version, release, architecture = '', vendor = '', size, time] = fields;
  // Keys that signatures are checked with are kept as packages, without being any.
  if (!name || !version || name === 'gpg-pubkey') return [];
  return [
    {
      name,
      version: `${epoch ? `${epoch}:` : ''}${version}-${release}`,
      publisher: vendor,
      installDate: Number(time) > 0 ? { seconds: Number(time), nanos: 0 } : undefined,
      sizeBytes: Number(size) || 0,
      packageType: 'rpm',
      architecture,
    },
  ];
}
