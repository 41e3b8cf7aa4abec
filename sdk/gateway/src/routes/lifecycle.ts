import { ConfigureNetwork, ResetPassword, Shutdown } from '@limiquantix/agent-proto';
import { type AnyCallRoute, callRoute } from '../call-route.ts';

/** To apply a change, to look whether it holds, and to put everything back where it does not. */
const NETWORK_MS = 240_000;

export const LIFECYCLE: readonly AnyCallRoute[] = [
  callRoute({
    method: 'POST',
    path: '/shutdown',
    calls: Shutdown,
    shape: { required: ['type'] },
  }),
  callRoute({
    method: 'POST',
    path: '/reset-password',
    calls: ResetPassword,
    shape: { required: ['username', 'new_password'] },
  }),
  callRoute({
    method: 'POST',
    path: '/network',
    calls: ConfigureNetwork,
    shape: { required: ['interface'] },
    timeoutMs: () => NETWORK_MS,
  }),
];
