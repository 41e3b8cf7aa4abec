import { ListPlugins, PluginControl } from '@limiquantix/agent-proto';
import { type AnyCallRoute, callRoute } from '../call-route.ts';

export const PLUGINS: readonly AnyCallRoute[] = [
  callRoute({ method: 'GET', path: '/plugins', calls: ListPlugins }),
  callRoute({
    method: 'POST',
    path: '/plugins/:name/control',
    calls: PluginControl,
    shape: { required: ['action'] },
  }),
];
