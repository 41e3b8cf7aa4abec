import { ExplorerSync } from 'cosmiconfig/dist/ExplorerSync.js';
import { loadAll } from 'js-yaml';

/** What a configuration file says; a file of its own beside the bundle. */
export interface Yaml {
  readonly text: string;
  /** Undefined where js-yaml does not like it. */
  readonly parsed: { readonly value: unknown } | undefined;
}

/** Each may double what the file says. */
const MAX_ALIASES = 20;

const EMPTY: Yaml = { text: '', parsed: { value: {} } };

/**
 * With the explorer itself and not with `cosmiconfigSync`: that looks for options of its own
 * in the working directory first, and runs a `.config/config.js` that it finds there.
 * @throws Error where it cannot be read
 */
export function readYaml(file: string): Yaml {
  const loader = (_: string, text: string): Yaml => ({ text, parsed: parse(text) });
  const explorer = new ExplorerSync<Yaml>({
    moduleName: 'limiquantix',
    searchPlaces: [],
    loaders: { '.yaml': loader, '.yml': loader, '.json': loader, noExt: loader },
    transform: (result) => result,
    cache: false,
  });
  return explorer.load(file)?.config ?? EMPTY;
}

/**
 * js-yaml takes a third of the time and memory that `yaml` does. What it does not like is
 * left to `yaml`, which says where and why, and is milder in one thing: the bracket that
 * ends a list may stand at the beginning of a line.
 */
function parse(text: string): Yaml['parsed'] {
  try {
    const [value, ...more] = loadAll(text, { maxAliases: MAX_ALIASES });
    return more.length === 0 ? { value } : undefined;
  } catch {
    return undefined;
  }
}
