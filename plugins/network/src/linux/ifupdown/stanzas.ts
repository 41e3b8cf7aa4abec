import { glob, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, matchesGlob, resolve } from 'node:path';

/** What the files of interfaces(5) say about one interface. */
export interface Stanzas {
  /** `iface` and `mapping` stanzas, as `/etc/network/interfaces:12`. */
  readonly places: readonly string[];
  /** Whether a file of that path would be read. */
  readonly includes: (path: string) => boolean;
}

/** A `source` or `source-directory` line. */
interface Include {
  readonly matches: (path: string) => boolean;
  readonly files: () => Promise<string[]>;
}

interface Line {
  readonly number: number;
  readonly keyword: string;
  readonly operands: readonly string[];
}

const MAX_FILES = 100;

/** @param path of the file that ifupdown begins with; one that is not there is empty */
export async function findStanzas(path: string, name: string): Promise<Stanzas> {
  const places: string[] = [];
  const includes: Include[] = [];
  const files = new Set([path]);
  // A set goes on to what is added on the way.
  for (const file of files) {
    for (const line of linesOf(await readFile(file, 'utf8').catch(() => ''))) {
      if (isAbout(line, name)) places.push(`${file}:${line.number}`);
      for (const include of includesOf(line, dirname(file))) {
        includes.push(include);
        for (const other of await include.files()) if (files.size < MAX_FILES) files.add(other);
      }
    }
  }
  return { places, includes: (other) => includes.some((include) => include.matches(other)) };
}

function isAbout({ keyword, operands }: Line, name: string): boolean {
  if (keyword === 'iface') return operands[0] === name;
  return keyword === 'mapping' && operands.includes(name);
}

function includesOf({ keyword, operands }: Line, base: string): Include[] {
  const places = operands.map((operand) => resolve(base, operand));
  if (keyword === 'source') return places.map(patternInclude);
  return keyword === 'source-directory' ? places.map(directoryInclude) : [];
}

function patternInclude(pattern: string): Include {
  const matches = (path: string) => matchesGlob(path, pattern) && !basename(path).startsWith('.');
  return {
    matches,
    async files() {
      const paths: string[] = [];
      for await (const path of glob(pattern)) if (matches(path)) paths.push(path);
      return paths.sort();
    },
  };
}

/** Of a directory only files with such names are read. */
function directoryInclude(directory: string): Include {
  const matches = (path: string) =>
    dirname(path) === directory && /^[A-Za-z0-9_-]+$/.test(basename(path));
  return {
    matches,
    async files() {
      const names = await readdir(directory).catch(() => []);
      return names.map((name) => join(directory, name)).filter(matches);
    },
  };
}

/** A backslash at its end has a line go on. Comments are left out. */
function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let pending = '';
  let start = 1;
  for (const [index, raw] of text.split('\n').entries()) {
    if (pending === '') start = index + 1;
    const goesOn = raw.endsWith('\\');
    pending += goesOn ? `${raw.slice(0, -1)} ` : raw;
    if (goesOn) continue;
    const [keyword = '', ...operands] = pending.trim().split(/\s+/);
    pending = '';
    if (keyword !== '' && !keyword.startsWith('#'))
      lines.push({ number: start, keyword, operands });
  }
  return lines;
}
