import type { Init, ListServicesRequest, ListServicesResponse } from '@limiquantix/plugin-sdk';
import type { Service, ServiceManager } from './manager.ts';

export interface ListOptions {
  readonly maxMessageBytes: number;
  readonly signal: AbortSignal;
}

// A message may hold 65,536 elements; each service is one or two.
const MAX_ENTRIES = 8192;
/** Envelope, and the answer's other fields. */
const OVERHEAD_BYTES = 16 * 1024;
/** Tags, lengths and numbers of one entry; all of its state and start type. */
const ENTRY_BYTES = 64;

/** Answers list_services: sorted by name. */
export async function listServices(
  { filter, includeDisabled }: ListServicesRequest,
  manager: ServiceManager,
  { maxMessageBytes, signal }: ListOptions,
): Promise<Init<ListServicesResponse>> {
  const all = await manager.list({ installed: includeDisabled, signal });
  const wanted = filter.toLowerCase();
  const services = all
    .filter((service) => includeDisabled || isInUse(service))
    .filter(({ name, description }) => `${name}\n${description}`.toLowerCase().includes(wanted))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { services: fitting(services, maxMessageBytes - OVERHEAD_BYTES) };
}

/** One that is disabled may run: somebody started it. */
function isInUse({ state, startType }: Service): boolean {
  return startType !== 'disabled' || state !== 'stopped';
}

function fitting(services: readonly Service[], bytes: number): readonly Service[] {
  let room = bytes;
  const end = services.findIndex(({ name, displayName, description }) => {
    const texts = name + displayName + description;
    room -= ENTRY_BYTES + Buffer.byteLength(texts);
    return room < 0;
  });
  return services.slice(0, Math.min(end === -1 ? services.length : end, MAX_ENTRIES));
}
