import { SyncTime } from '@limiquantix/agent-proto';
import { type AnyCallRoute, callRoute } from '../call-route.ts';

export const TIME: AnyCallRoute = callRoute({
  method: 'POST',
  path: '/sync-time',
  calls: SyncTime,
});
