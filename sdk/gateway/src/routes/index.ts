import type { FastifyInstance } from 'fastify';
import { type AnyCallRoute, addCallRoute } from '../call-route.ts';
import type { Vms } from '../vms.ts';
import { CAPABILITIES } from './capabilities.ts';
import { CLIPBOARD } from './clipboard.ts';
import { DISPLAY } from './display.ts';
import { addDownload } from './download.ts';
import { addEvents } from './events.ts';
import { EXECUTE } from './execute.ts';
import { FILES } from './files.ts';
import { INVENTORY } from './inventory.ts';
import { LIFECYCLE } from './lifecycle.ts';
import { addPing } from './ping.ts';
import { addPluginCall } from './plugin-call.ts';
import { PLUGINS } from './plugins.ts';
import { PROCESSES } from './processes.ts';
import { QUIESCE } from './quiesce.ts';
import { addRead } from './read.ts';
import { SERVICES } from './services.ts';
import { addTelemetry } from './telemetry.ts';
import { TIME } from './time.ts';
import { addUpload } from './upload.ts';
import { addVms } from './vms.ts';

/** Routes that are one call of the agent each. */
const CALLS: readonly AnyCallRoute[] = [
  EXECUTE,
  ...FILES,
  ...PROCESSES,
  ...SERVICES,
  ...INVENTORY,
  DISPLAY,
  ...CLIPBOARD,
  ...QUIESCE,
  TIME,
  ...LIFECYCLE,
  CAPABILITIES,
  ...PLUGINS,
];

const OTHERS = [
  addVms,
  addPing,
  addRead,
  addDownload,
  addUpload,
  addPluginCall,
  addTelemetry,
  addEvents,
];

export function addRoutes(app: FastifyInstance, vms: Vms): void {
  for (const route of CALLS) addCallRoute(app, vms, route);
  for (const add of OTHERS) add(app, vms);
}
