import { GetCapabilities } from '@limiquantix/agent-proto';
import { type AnyCallRoute, callRoute } from '../call-route.ts';

export const CAPABILITIES: AnyCallRoute = callRoute({
  method: 'GET',
  path: '/capabilities',
  calls: GetCapabilities,
});
