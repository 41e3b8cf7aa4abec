import type { Service, ServiceState, StartType } from '../../manager.ts';

/** Properties of one unit, as `systemctl show` prints them. */
export type Unit = ReadonlyMap<string, string>;

/** What {@link serviceOf} and {@link stateOf} read. */
export const PROPERTIES =
  'Id,Names,Description,LoadState,ActiveState,SubState,UnitFileState,MainPID,MemoryCurrent';

/** Units are parted by empty lines; the order of properties is systemd's own. */
export function parseShow(text: string): Unit[] {
  return text
    .split(/\n{2,}/)
    .map((block) => new Map([...block.matchAll(/^(\w+)=(.*)$/gm)].map(([, k, v]) => [k, v])))
    .filter((unit): unit is Map<string, string> => unit.has('Id'));
}

/** A name that others refer to while no unit of it exists. */
export function isMissing(unit: Unit): boolean {
  return unit.get('LoadState') === 'not-found' && unit.get('ActiveState') === 'inactive';
}

export function serviceOf(unit: Unit): Service {
  const name = unit.get('Id') ?? '';
  // systemd describes a unit by its name where its author did not.
  const said = unit.get('Description') ?? '';
  const description = said === name ? '' : said;
  return {
    name,
    displayName: description || name,
    state: stateOf(unit),
    startType: startTypeOf(unit.get('UnitFileState') ?? ''),
    description,
    pid: numberOf(unit.get('MainPID')),
    memoryBytes: numberOf(unit.get('MemoryCurrent')),
  };
}

const STATES: Readonly<Record<string, ServiceState>> = {
  active: 'running',
  reloading: 'running',
  refreshing: 'running',
  inactive: 'stopped',
  maintenance: 'stopped',
  activating: 'starting',
  deactivating: 'stopping',
  failed: 'failed',
};

export function stateOf(unit: Unit): ServiceState {
  return STATES[unit.get('ActiveState') ?? ''] ?? '';
}

/** Newer versions add where in the queue the next start is: `auto-restart-queued`. */
const RESTARTING = /^auto-restart/;

/** Its process ended by itself; it may be about to be started again. */
export function isFailing(unit: Unit): boolean {
  return unit.get('ActiveState') === 'failed' || RESTARTING.test(unit.get('SubState') ?? '');
}

const START_TYPES: Readonly<Record<string, StartType>> = {
  enabled: 'auto',
  'enabled-runtime': 'auto',
  linked: 'manual',
  'linked-runtime': 'manual',
  alias: 'manual',
  static: 'manual',
  indirect: 'manual',
  generated: 'manual',
  transient: 'manual',
  disabled: 'disabled',
  masked: 'disabled',
  'masked-runtime': 'disabled',
  bad: 'disabled',
  invalid: 'disabled',
};

/** @param word as of `systemctl is-enabled` */
export function startTypeOf(word: string): StartType {
  return START_TYPES[word] ?? '';
}

/** What is not counted is `[not set]`, and before systemd 247 the highest number. */
function numberOf(text: string | undefined): number {
  const number = /^\d+$/.test(text ?? '') ? Number(text) : 0;
  return Number.isSafeInteger(number) ? number : 0;
}
