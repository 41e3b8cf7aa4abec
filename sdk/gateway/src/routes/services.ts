import { ListServices, ServiceControl } from '@limiquantix/agent-proto';
import { type AnyCallRoute, callRoute } from '../call-route.ts';

/** Services take up to 90 s to start or stop before their manager gives up. */
const CONTROL_MS = 120_000;

export const SERVICES: readonly AnyCallRoute[] = [
  callRoute({ method: 'GET', path: '/services', calls: ListServices }),
  callRoute({
    method: 'POST',
    path: '/services/:name/control',
    calls: ServiceControl,
    shape: { required: ['action'] },
    timeoutMs: () => CONTROL_MS,
  }),
];
