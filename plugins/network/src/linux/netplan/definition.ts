import { matchesGlob } from 'node:path';
import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import type { NetworkInterface } from '../interface.ts';
import type { ConfigFile } from './config-files.ts';

/** What netplan calls the settings of an interface. */
export interface Definition {
  /** `ethernets` */
  readonly section: string;
  /** Often, but not always, the interface's name. */
  readonly id: string;
  /** Whether it is about this interface alone; else it matches several. */
  readonly exclusive: boolean;
}

/** A definition's settings in one of the files. */
export interface Part {
  readonly file: ConfigFile;
  readonly section: string;
  readonly id: string;
  readonly settings: YAMLMap;
}

/** Every definition in every file, in the order in which netplan merges them. */
export function partsOf(files: readonly ConfigFile[]): Part[] {
  return files.flatMap((file) => {
    const network = file.document.get('network');
    return mapsIn(network).flatMap(([section, definitions]) =>
      mapsIn(definitions).map(([id, settings]) => ({ file, section, id, settings })),
    );
  });
}

/**
 * The definition that is in force for the interface: of several that match, the backends
 * take the first by its id.
 */
export function findDefinition(
  parts: readonly Part[],
  nic: NetworkInterface,
): Definition | undefined {
  const merged = new Map<string, { section: string; match: YAMLMap[]; setName: unknown }>();
  for (const { section, id, settings } of parts) {
    const known = merged.get(id) ?? { section, match: [], setName: undefined };
    const match = settings.get('match');
    if (isMap(match)) known.match.push(match);
    known.setName = settings.get('set-name') ?? known.setName;
    merged.set(id, known);
  }
  const found = [...merged].flatMap(([id, { section, match, setName }]) => {
    const reach = reachOf(id, match, setName, nic);
    return reach === 'none' ? [] : [{ section, id, exclusive: reach === 'this' }];
  });
  return found.sort((a, b) => (a.id < b.id ? -1 : 1))[0];
}

function reachOf(
  id: string,
  matches: readonly YAMLMap[],
  setName: unknown,
  nic: NetworkInterface,
): 'this' | 'several' | 'none' {
  if (matches.length === 0) return id === nic.name ? 'this' : 'none';
  if (setName === nic.name) return 'this';
  const [name] = valuesOf(matches, 'name');
  const [mac] = valuesOf(matches, 'macaddress');
  const drivers = valuesOf(matches, 'driver');
  if (name !== undefined && !matchesGlob(nic.name, name)) return 'none';
  if (mac !== undefined && mac.toLowerCase() !== nic.mac) return 'none';
  if (drivers.length > 0 && !drivers.some((driver) => matchesGlob(nic.driver, driver))) {
    return 'none';
  }
  return mac !== undefined || name === nic.name ? 'this' : 'several';
}

/** Of the last file that has the key: one scalar, or the scalars of a list. */
function valuesOf(matches: readonly YAMLMap[], key: string): string[] {
  const node = matches.findLast((match) => match.has(key))?.get(key, true);
  const nodes = isSeq(node) ? node.items : [node];
  return nodes.flatMap((item) => (isScalar(item) ? String(item.value) : []));
}

function mapsIn(node: unknown): [key: string, value: YAMLMap][] {
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }): [string, YAMLMap][] =>
    isScalar(key) && isMap(value) ? [[String(key.value), value]] : [],
  );
}
