import type { Service } from '../../manager.ts';
import { startTypeOf } from './show.ts';

/** A row of `systemctl list-unit-files`. */
export interface UnitFile {
  readonly name: string;
  /** `enabled`, `static`, `alias`... */
  readonly state: string;
}

/** Newer versions have a third column, the vendor's preset. */
export function parseUnitFiles(text: string): UnitFile[] {
  return [...text.matchAll(/^(\S+\.service) +(\S+)/gm)].map(([, name, state]) => ({
    name: name as string,
    state: state as string,
  }));
}

/**
 * A service that is installed and not loaded. What it is called is in its file alone:
 * to ask systemd is to make it load all of them, which takes it a millisecond each.
 */
export function unloadedService({ name, state }: UnitFile): Service {
  return {
    name,
    displayName: name,
    state: 'stopped',
    startType: startTypeOf(state),
    description: '',
    pid: 0,
    memoryBytes: 0,
  };
}

/** `getty@.service` is no service, but what `getty@tty1.service` is made from. */
export function isTemplateName(name: string): boolean {
  return name.endsWith('@.service');
}
