import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, isMap, parseDocument } from 'yaml';
import { fileUnusable } from '../../errors.ts';

/** A file that netplan reads. */
export interface ConfigFile {
  /** `50-cloud-init.yaml` */
  readonly name: string;
  /** Where a change of it is written. */
  readonly path: string;
  readonly text: string;
  readonly document: Document;
}

/** A later directory's file hides an earlier one's of the same name. */
const DIRECTORIES = ['lib/netplan', 'usr/lib/netplan', 'etc/netplan', 'run/netplan'] as const;

/**
 * The files of netplan in the order in which it merges them.
 * @throws AgentError where one of them is not YAML
 */
export async function readConfigFiles(root: string): Promise<ConfigFile[]> {
  const files = new Map<string, ConfigFile>();
  for (const directory of DIRECTORIES) {
    for (const name of await namesIn(join(root, directory))) {
      const path = join(root, directory, name);
      const text = await readFile(path, 'utf8');
      files.set(name, {
        name,
        // What a package brought is not edited, but hidden by a changed copy.
        path: directory.includes('lib/') ? join(root, 'etc/netplan', name) : path,
        text,
        document: parse(path, text),
      });
    }
  }
  return [...files.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Scalars stay as they are written: netplan has its own ideas of what `yes` or `0x10` is. */
export const YAML = { schema: 'failsafe', lineWidth: 0 } as const;

function parse(path: string, text: string): Document {
  const document: Document = parseDocument(text, YAML);
  const [error] = document.errors;
  if (error) throw fileUnusable(path, `is not YAML: ${error.message.split('\n')[0]}`);
  if (document.contents !== null && !isMap(document.contents)) {
    throw fileUnusable(path, 'is not a YAML mapping');
  }
  return document;
}

async function namesIn(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => name.endsWith('.yaml') && !name.startsWith('.'));
}
