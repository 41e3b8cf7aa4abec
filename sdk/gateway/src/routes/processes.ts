import { KillProcess, ListProcesses } from '@limiquantix/agent-proto';
import { type AnyCallRoute, callRoute } from '../call-route.ts';
import { wholeNumber } from '../schema.ts';

const SIGTERM = 15;

export const PROCESSES: readonly AnyCallRoute[] = [
  callRoute({ method: 'GET', path: '/processes', calls: ListProcesses }),
  callRoute({
    method: 'POST',
    path: '/processes/:pid/kill',
    calls: KillProcess,
    shape: { fields: { signal: wholeNumber(1, 64) } },
    defaults: { signal: SIGTERM },
  }),
];
