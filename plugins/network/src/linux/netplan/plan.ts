import { join } from 'node:path';
import { isMap, parseDocument, stringify } from 'yaml';
import type { NetworkChange } from '../../request.ts';
import type { NetworkInterface } from '../interface.ts';
import { type ConfigFile, YAML } from './config-files.ts';
import { type Definition, findDefinition, partsOf } from './definition.ts';
import { removeReplaced, type Settings, settingsOf } from './settings.ts';

/** A file of netplan as it is to be. */
export interface PlannedFile {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly changed: boolean;
}

export interface NetplanPlan {
  readonly definition: Definition;
  /** All of netplan's files, the unchanged ones too. */
  readonly files: readonly PlannedFile[];
}

const HEADER = '# Written by the Limiquantix guest agent at the request of the host.\n';

/**
 * Has the interface get exactly what is asked for: its settings go into a file of the agent's
 * own, and out of the others goes what would be added to them.
 * @param root of the guest's files
 */
export function planNetplan(
  files: readonly ConfigFile[],
  change: NetworkChange,
  nic: NetworkInterface,
  root: string,
): NetplanPlan {
  const ownName = `90-limiquantix-${nic.name}.yaml`;
  const parts = partsOf(files);
  const inForce = findDefinition(parts, nic);
  const definition = inForce?.exclusive ? inForce : newDefinition(parts, nic, inForce);
  const changed = new Set<ConfigFile>();
  let base: Settings = {};
  for (const part of parts) {
    const own = part.file.name === ownName;
    if (part.id === definition.id) {
      if (removeReplaced(part.settings, change, own)) changed.add(part.file);
      if (own) base = part.settings.toJSON();
    } else if (part.id === inForce?.id) {
      // It stays as it is for the others that it matches; this one gets a copy.
      const copy = parseDocument(stringify(part.settings, YAML), YAML).contents;
      if (!isMap(copy)) continue;
      removeReplaced(copy, change, false);
      base = merge(base, copy.toJSON());
    }
  }
  const planned = files
    .filter((file) => file.name !== ownName)
    .map((file) => {
      const { name, path, text, document } = file;
      return changed.has(file)
        ? { name, path, text: document.toString(YAML), changed: true }
        : { name, path, text, changed: false };
    });
  const own = {
    name: ownName,
    path: join(root, 'etc/netplan', ownName),
    text: HEADER + render(definition, nic, merge(base, settingsOf(change))),
    changed: true,
  };
  // Ours first: should all end in between, there are addresses too many rather than none.
  return { definition, files: [own, ...planned] };
}

function newDefinition(
  parts: ReturnType<typeof partsOf>,
  nic: NetworkInterface,
  inForce: Definition | undefined,
): Definition {
  const taken = inForce !== undefined || parts.some((part) => part.id === nic.name);
  return {
    section: inForce?.section ?? 'ethernets',
    // The first id by name is in force, so ours comes before `all-en`.
    id: taken ? `0-limiquantix-${nic.name}` : nic.name,
    exclusive: true,
  };
}

function render({ section, id }: Definition, nic: NetworkInterface, settings: Settings): string {
  const match = id === `0-limiquantix-${nic.name}` ? { match: { name: nic.name } } : {};
  return stringify(
    { network: { version: '2', [section]: { [id]: { ...settings, ...match } } } },
    YAML,
  );
}

/** Lists are added together and mappings merged, as netplan does with its files. */
function merge(base: Settings, over: Settings): Settings {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const former = merged[key];
    if (Array.isArray(former) && Array.isArray(value)) merged[key] = [...former, ...value];
    else if (isObject(former) && isObject(value)) merged[key] = merge(former, value);
    else merged[key] = value;
  }
  return merged;
}

function isObject(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
