import { ConfigureNetwork, ResetPassword, Shutdown } from '@limiquantix/agent-proto';
import { type AnyCallRoute, callRoute } from '../call-route.ts';

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
  }),
];
