import { GetHardwareInfo, ListInstalledSoftware } from '@limiquantix/agent-proto';
import { type AnyCallRoute, callRoute } from '../call-route.ts';

export const INVENTORY: readonly AnyCallRoute[] = [
  callRoute({
    method: 'GET',
    path: '/hardware',
    calls: GetHardwareInfo,
    defaults: {
      include_cpu_details: true,
      include_disk_details: true,
      include_network_details: true,
    },
  }),
  callRoute({ method: 'GET', path: '/software', calls: ListInstalledSoftware }),
];
