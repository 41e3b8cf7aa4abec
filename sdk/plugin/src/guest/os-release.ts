import { readFileSync } from 'node:fs';
import { platform, release, version } from 'node:os';

export interface OsRelease {
  /** `Debian GNU/Linux`; empty where unknown. */
  readonly name: string;
  /** `12`; empty where unknown. */
  readonly version: string;
  /** `debian`, `alpine`, `windows`. */
  readonly id: string;
  /** `rolling`, `19045`; empty where the distribution does not count builds. */
  readonly build: string;
}

/** From os-release(5), which every Linux distribution ships; on Windows from the kernel. */
export function readOsRelease(
  paths: readonly string[] = ['/etc/os-release', '/usr/lib/os-release'],
): OsRelease {
  if (platform() === 'win32') {
    const build = release().split('.')[2] ?? '';
    return { name: version(), version: release(), id: 'windows', build };
  }
  const fields = parseOsRelease(firstReadable(paths));
  return {
    name: fields.get('NAME') ?? '',
    version: fields.get('VERSION_ID') ?? '',
    id: fields.get('ID') ?? '',
    build: fields.get('BUILD_ID') ?? '',
  };
}

function firstReadable(paths: readonly string[]): string {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      // The next one, or nothing is known.
    }
  }
  return '';
}

/** Assignments of a shell: optionally quoted, with backslash escapes except in single quotes. */
function parseOsRelease(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [, key, raw] of text.matchAll(/^([A-Z_0-9]+)=(.*)$/gm)) {
    const quoted = /^(["'])(.*)\1$/.exec((raw as string).trim());
    const value = quoted ? (quoted[2] as string) : (raw as string).trim();
    fields.set(key as string, quoted?.[1] === "'" ? value : value.replace(/\\(["$`\\])/g, '$1'));
  }
  return fields;
}
