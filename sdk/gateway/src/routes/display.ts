import { DisplayResize } from '@limiquantix/agent-proto';
import { type AnyCallRoute, callRoute } from '../call-route.ts';
import { wholeNumber } from '../schema.ts';

const PIXELS = wholeNumber(1, 16384);

export const DISPLAY: AnyCallRoute = callRoute({
  method: 'POST',
  path: '/display/resize',
  calls: DisplayResize,
  shape: { required: ['width', 'height'], fields: { width: PIXELS, height: PIXELS } },
});
